package io.lora4j.optim;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;

/**
 * A learning rate that rises linearly to its peak over the warm-up and then decays (or stays), counted in optimiser steps.
 *
 * <p>Step i (from 0) of the warm-up has the rate peak * (i + 1) / warmupSteps: it starts at peak / warmupSteps, never at 0, so no
 * step is wasted. Hugging Face's schedules ({@code transformers/optimization.py}) have i / warmupSteps there and so a first step
 * of rate 0; after the warm-up both are equal step by step. From totalSteps on the rate is 0. DL4J's iteration is the step; its
 * epoch is not looked at. Immutable.
 */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.ANY,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public abstract sealed class WarmupSchedule implements ISchedule
        permits LinearWarmupSchedule, CosineWarmupSchedule, ConstantWarmupSchedule {
    private static final long serialVersionUID = 1L;

    private final double peak;
    private final int warmupSteps;
    private final int totalSteps;

    /**
     * @param peak the highest rate, at least 0
     * @param warmupSteps steps of the warm-up, 0 for none
     * @param totalSteps all steps, warm-up included
     * @throws IllegalArgumentException if a value is out of range
     */
    WarmupSchedule(double peak, int warmupSteps, int totalSteps) {
        if (!(peak >= 0 && peak < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("peak learning rate must be at least 0: " + peak);
        }
        if (totalSteps < 1 || warmupSteps < 0 || warmupSteps > totalSteps) {
            throw new IllegalArgumentException(
                    "warm-up must be in 0..total: " + warmupSteps + " of " + totalSteps + " steps");
        }
        this.peak = peak;
        this.warmupSteps = warmupSteps;
        this.totalSteps = totalSteps;
    }

    /**
     * The decay after the warm-up.
     *
     * @param progress (step - warmupSteps) / (totalSteps - warmupSteps), in [0, 1)
     * @return the factor of the peak
     */
    abstract double decay(double progress);

    /**
     * The rate as a fraction of the peak.
     *
     * @param step the optimiser step, from 0
     * @return in [0, 1]
     */
    public double multiplierAt(int step) {
        if (step < warmupSteps) {
            return (step + 1.0) / warmupSteps;
        }
        if (step >= totalSteps) {
            return 0;
        }
        return decay((step - warmupSteps) / (double) (totalSteps - warmupSteps));
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        return peak * multiplierAt(iteration);
    }

    /**
     * The highest rate.
     *
     * @return at least 0
     */
    public double peak() {
        return peak;
    }

    /**
     * Steps of the warm-up.
     *
     * @return at least 0
     */
    public int warmupSteps() {
        return warmupSteps;
    }

    /**
     * All steps, warm-up included.
     *
     * @return at least 1
     */
    public int totalSteps() {
        return totalSteps;
    }

    /**
     * The same shape at a multiple of the peak, for a parameter group.
     *
     * @param multiplier at least 0
     * @return a new schedule
     */
    public abstract WarmupSchedule times(double multiplier);

    @Override
    public abstract WarmupSchedule clone();

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WarmupSchedule that
                && getClass() == that.getClass()
                && Double.compare(peak, that.peak) == 0
                && warmupSteps == that.warmupSteps
                && totalSteps == that.totalSteps;
    }

    @Override
    public int hashCode() {
        return Objects.hash(getClass().getName(), peak, warmupSteps, totalSteps);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "(peak " + peak + ", " + warmupSteps + " of " + totalSteps
                + " steps warm-up)";
    }
}
