package io.lora4j.optim;

import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Linear warm-up, then the peak to the last step, as {@code get_constant_schedule_with_warmup} of Hugging Face transformers. Immutable.
 */
public final class ConstantWarmupSchedule extends WarmupSchedule {
    private static final long serialVersionUID = 1L;

    /**
     * @param peak the rate after the warm-up, at least 0
     * @param warmupSteps optimiser steps of the warm-up, 0 for none
     * @param totalSteps all optimiser steps, warm-up included, at least 1
     * @throws IllegalArgumentException if a value is out of range
     */
    public ConstantWarmupSchedule(
            @JsonProperty("peak") double peak,
            @JsonProperty("warmupSteps") int warmupSteps,
            @JsonProperty("totalSteps") int totalSteps) {
        super(peak, warmupSteps, totalSteps);
    }

    @Override
    double decay(double progress) {
        return 1;
    }

    @Override
    public ConstantWarmupSchedule times(double multiplier) {
        return new ConstantWarmupSchedule(peak() * multiplier, warmupSteps(), totalSteps());
    }

    @Override
    public ConstantWarmupSchedule clone() {
        return times(1);
    }
}
