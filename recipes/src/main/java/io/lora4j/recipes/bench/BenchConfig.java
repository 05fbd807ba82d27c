package io.lora4j.recipes.bench;

import io.lora4j.error.UserException;

/**
 * One configuration to be timed.
 *
 * @param model the encoder's shape
 * @param mode what a step does
 * @param targets where the adapters of {@link BenchMode#LORA} are
 * @param rank r of the adapters
 * @param alpha the scaling's numerator
 * @param batch examples of a step
 * @param seq length of the longest row
 * @param fullRows true if all rows have that length; otherwise lengths are uniform between half of it and all, the first row full
 * @param dropout of the encoder in training
 * @param threads threads of the matrix products and of the kernels
 * @param steps timed steps at most
 * @param warmup steps before them
 * @param maxSeconds no further timed step after this time, once there are three
 * @param seed of weights, lengths, ids and labels
 */
public record BenchConfig(
        BenchModel model,
        BenchMode mode,
        BenchTargets targets,
        int rank,
        double alpha,
        int batch,
        int seq,
        boolean fullRows,
        double dropout,
        int threads,
        int steps,
        int warmup,
        double maxSeconds,
        long seed) {
    /**
     * Checks the ranges.
     *
     * @throws UserException naming the option, its value and the limit
     */
    public BenchConfig {
        within("--rank", rank, 1, model.hidden);
        within("--batch", batch, 1, 1 << 16);
        within("--seq", seq, 2, BenchModel.POSITIONS);
        within("--threads", threads, 1, Runtime.getRuntime().availableProcessors());
        within("--steps", steps, 1, 1_000_000);
        within("--warmup", warmup, 0, 1_000_000);
        if (!(alpha > 0 && alpha < Double.POSITIVE_INFINITY)) {
            throw new UserException("--alpha is " + alpha + ", it must be greater than 0");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new UserException("--dropout is " + dropout + ", it must be at least 0 and below 1");
        }
        if (!(maxSeconds > 0)) {
            throw new UserException("--max-seconds is " + maxSeconds + ", it must be greater than 0");
        }
    }

    static void within(String option, int value, int least, int greatest) {
        if (value < least || value > greatest) {
            throw new UserException(option + " is " + value + ", it must be " + least + " to " + greatest);
        }
    }
}
