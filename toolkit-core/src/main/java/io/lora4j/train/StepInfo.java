package io.lora4j.train;

/**
 * One optimiser step that has been taken.
 *
 * @param step counted from 1
 * @param totalSteps steps of the whole run
 * @param epoch counted from 0
 * @param loss mean loss over the step's examples before the step, without regularisation terms
 * @param learningRate rate of the first parameter that moves at this step; NaN if no updater has one
 * @param gradNorm global L2 norm of the mean gradient before clipping
 * @param examples examples of this step
 */
public record StepInfo(
        long step, long totalSteps, int epoch, double loss, double learningRate, double gradNorm, int examples) {}
