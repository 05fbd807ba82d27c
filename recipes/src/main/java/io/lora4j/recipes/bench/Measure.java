package io.lora4j.recipes.bench;

import java.util.List;

/** The time by which two programs are compared. */
@SuppressWarnings("ImmutableEnumChecker") // List.of is immutable; it carries no annotation that says so
public enum Measure {
    /** A step, in milliseconds. */
    STEP(
            BenchResult.MEDIAN,
            BenchResult.BEST,
            "ms",
            1,
            List.of("model", "mode", "targets", "rank", "batch", "seq", "dropout")),
    /** An epoch's training, in seconds. */
    EPOCH(
            EpochClock.EPOCH_SECONDS,
            EpochClock.EPOCH_SECONDS,
            "s",
            2,
            List.of("task", "mode", "targets", "rank", "batch", "train", "dev", "pooling")),
    /** A pass over the dev set, in seconds. */
    PASS(InferenceBench.PASS_SECONDS, InferenceBench.PASS_SECONDS, "s", 3, List.of("task", "dev"));

    final String median;
    final String best;
    final String unit;
    final int digits;
    /** What must be equal for a comparison, if both lines have it. */
    final List<String> same;

    Measure(String median, String best, String unit, int digits, List<String> same) {
        this.median = median;
        this.best = best;
        this.unit = unit;
        this.digits = digits;
        this.same = same;
    }
}
