package io.lora4j.cli;

import io.lora4j.recipes.Combination;
import io.lora4j.recipes.Study;
import io.lora4j.recipes.run.Preview;
import io.lora4j.recipes.run.Rehearsal;
import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.RunOptions;
import io.lora4j.recipes.run.RunPlan;
import io.lora4j.recipes.study.StudyClock;
import io.lora4j.recipes.study.StudyEstimate;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;

/** {@code lora4j run --dry-run}: everything before the first step, and what the run would take. */
final class DryRun {
    private static final double MIB = 1 << 20;

    private final RunOptions options;
    private final PrintWriter out;

    /**
     * @param options where data and models are cached
     * @param out where to print
     */
    DryRun(RunOptions options, PrintWriter out) {
        this.options = options;
        this.out = out;
    }

    /**
     * Rehearses every comparison of a study and prints what it is going to take.
     *
     * @param study a study, or a plain recipe as one
     */
    void print(Study study) {
        Rehearsal rehearsal = new Rehearsal(options, RunListener.NONE);
        double seconds = 0;
        for (Combination combination : study.combinations()) {
            Preview preview = rehearsal.of(combination.recipe());
            print(combination, preview);
            seconds += StudyClock.seconds(combination, preview);
        }
        out.println((study.isPlain() ? "" : study.comparisons() + " comparisons, ")
                + new StudyEstimate(study.trials(), seconds) + "; nothing was written");
    }

    private void print(Combination combination, Preview preview) {
        RunPlan plan = preview.plan();
        Listing listing = new Listing();
        listing.row(
                "trials",
                (combination.search() == null ? "" : combination.searchTrials() + " to search, ")
                        + combination.finalTrials() + " to report");
        listing.row("steps", String.format(Locale.ROOT, "%,d per reported trial", plan.stepsPerTrial()));
        listing.row(
                "examples",
                String.format(
                        Locale.ROOT,
                        "%,d training (%,d tokens), %,d %s (%,d tokens)",
                        plan.trainExamples(),
                        plan.trainTokens(),
                        plan.devExamples(),
                        combination.recipe().data().evaluatedOn(),
                        plan.devTokens()));
        listing.row(
                "trainable",
                preview.trainableParameters().entrySet().stream()
                        .map(each -> each.getKey() + String.format(Locale.ROOT, " %,d", each.getValue()))
                        .collect(Collectors.joining("; ")));
        listing.row(
                "memory",
                String.format(
                        Locale.ROOT,
                        "%.0f MiB with one batch through forward and backward pass",
                        preview.peakBytes() / MIB));
        listing.row("time", "about " + StudyEstimate.duration(StudyClock.seconds(combination, preview)));
        out.println(combination.recipe().name()
                + (combination.name().isEmpty() ? "" : ", " + combination.name()) + ": "
                + combination.recipe().task().name() + " with "
                + combination.recipe().model().name());
        listing.print(out, "  ");
    }
}
