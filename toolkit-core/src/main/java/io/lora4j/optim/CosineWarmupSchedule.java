package io.lora4j.optim;

import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Linear warm-up, then half a cosine to 0: (1 + cos(pi progress)) / 2, as {@code get_cosine_schedule_with_warmup} of Hugging Face
 * transformers with its default of half a cycle. Immutable.
 */
public final class CosineWarmupSchedule extends WarmupSchedule {
    private static final long serialVersionUID = 1L;

    /**
     * @param peak the highest rate, at least 0
     * @param warmupSteps optimiser steps of the warm-up, 0 for none
     * @param totalSteps all optimiser steps, warm-up included, at least 1
     * @throws IllegalArgumentException if a value is out of range
     */
    public CosineWarmupSchedule(
            @JsonProperty("peak") double peak,
            @JsonProperty("warmupSteps") int warmupSteps,
            @JsonProperty("totalSteps") int totalSteps) {
        super(peak, warmupSteps, totalSteps);
    }

    @Override
    double decay(double progress) {
        return 0.5 * (1 + Math.cos(Math.PI * progress));
    }

    @Override
    public CosineWarmupSchedule times(double multiplier) {
        return new CosineWarmupSchedule(peak() * multiplier, warmupSteps(), totalSteps());
    }

    @Override
    public CosineWarmupSchedule clone() {
        return times(1);
    }
}
