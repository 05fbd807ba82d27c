package io.lora4j.recipes.run;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that rises linearly over the warm-up, step i (from 0) having peak * (i + 1) / warmupSteps, and then stays. Immutable.
 */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.ANY,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public final class ConstantWarmupSchedule implements ISchedule {
    private static final long serialVersionUID = 1L;

    private final double peak;
    private final int warmupSteps;

    /**
     * @param peak the rate after warm-up
     * @param warmupSteps optimiser steps of the warm-up, 0 for none
     */
    public ConstantWarmupSchedule(@JsonProperty("peak") double peak, @JsonProperty("warmupSteps") int warmupSteps) {
        this.peak = peak;
        this.warmupSteps = warmupSteps;
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        return iteration < warmupSteps ? peak * (iteration + 1) / warmupSteps : peak;
    }

    @Override
    public ConstantWarmupSchedule clone() {
        return new ConstantWarmupSchedule(peak, warmupSteps);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConstantWarmupSchedule that
                && Double.compare(peak, that.peak) == 0
                && warmupSteps == that.warmupSteps;
    }

    @Override
    public int hashCode() {
        return Objects.hash(peak, warmupSteps);
    }
}
