package io.lora4j.optim;

import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Linear warm-up, then linear decay to 0: (totalSteps - step) / (totalSteps - warmupSteps), as
 * {@code get_linear_schedule_with_warmup} of Hugging Face transformers. Immutable.
 */
public final class LinearWarmupSchedule extends WarmupSchedule {
    private static final long serialVersionUID = 1L;

    /**
     * @param peak the highest rate, at least 0
     * @param warmupSteps optimiser steps of the warm-up, 0 for none
     * @param totalSteps all optimiser steps, warm-up included, at least 1
     * @throws IllegalArgumentException if a value is out of range
     */
    public LinearWarmupSchedule(
            @JsonProperty("peak") double peak,
            @JsonProperty("warmupSteps") int warmupSteps,
            @JsonProperty("totalSteps") int totalSteps) {
        super(peak, warmupSteps, totalSteps);
    }

    @Override
    double decay(double progress) {
        return 1 - progress;
    }

    @Override
    public LinearWarmupSchedule times(double multiplier) {
        return new LinearWarmupSchedule(peak() * multiplier, warmupSteps(), totalSteps());
    }

    @Override
    public LinearWarmupSchedule clone() {
        return times(1);
    }
}
