package io.lora4j.train;

/**
 * How long to train and how to clip.
 *
 * @param epochs passes over the data, at least 1
 * @param maxSteps stop after this many optimiser steps even inside an epoch; 0 for no limit
 * @param maxGradNorm the global L2 norm to which a step's gradient is clipped (torch.nn.utils.clip_grad_norm_); 0 for no clipping
 */
public record TrainConfig(int epochs, long maxSteps, double maxGradNorm) {
    /** Checks the ranges. */
    public TrainConfig {
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs must be at least 1: " + epochs);
        }
        if (maxSteps < 0) {
            throw new IllegalArgumentException("maxSteps must not be negative: " + maxSteps);
        }
        if (!(maxGradNorm >= 0)) {
            throw new IllegalArgumentException("maxGradNorm must not be negative: " + maxGradNorm);
        }
    }

    /**
     * Number of optimiser steps that training takes.
     *
     * @param stepsPerEpoch steps of one pass over the data
     * @return epochs x stepsPerEpoch, cut at {@link #maxSteps()}
     */
    public long totalSteps(int stepsPerEpoch) {
        long all = (long) epochs * stepsPerEpoch;
        return maxSteps == 0 ? all : Math.min(all, maxSteps);
    }
}
