package io.lora4j.recipes.table;

import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.results.TrialRecord;
import io.lora4j.recipes.results.TrialRecord.Outcome;
import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.table.ResultTable.Cost;
import io.lora4j.recipes.table.ResultTable.Reached;
import io.lora4j.recipes.table.ResultTable.Target;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What rows took, and how long to a score. */
final class Costs {
    private Costs() {}

    /**
     * The cost of a row; null if no trial of it came to an end.
     */
    static @Nullable Cost of(RowTrials row, @Nullable Target target) {
        List<Outcome> outcomes = row.outcomes();
        if (outcomes.isEmpty()) {
            return null;
        }
        OptionalDouble rate = row.trials().stream()
                .flatMapToDouble(trial -> examplesPerSecond(trial, row.run(trial)).stream())
                .average();
        List<Long> bytes = outcomes.stream()
                .flatMap(outcome -> Optional.ofNullable(outcome.adapterBytes()).stream())
                .toList();
        return new Cost(
                outcomes.stream().mapToDouble(Outcome::initSeconds).average().orElseThrow(),
                outcomes.stream().mapToDouble(Outcome::trainSeconds).average().orElseThrow(),
                rate.isPresent() ? Double.valueOf(rate.getAsDouble()) : null,
                outcomes.stream().mapToLong(Outcome::peakBytes).max().orElseThrow(),
                bytes.isEmpty() ? null : bytes.get(0),
                target == null ? null : reached(row, target));
    }

    private static OptionalDouble examplesPerSecond(TrialRecord trial, RunResults run) {
        Outcome outcome = trial.outcome();
        if (outcome == null || trial.learningRate() == null || outcome.trainSeconds() <= 0) {
            return OptionalDouble.empty();
        }
        OptionalDouble examples =
                examples(run.recipe().train(), run.provenance().trainExamples(), outcome.steps());
        return examples.isPresent()
                ? OptionalDouble.of(examples.getAsDouble() / outcome.trainSeconds())
                : OptionalDouble.empty();
    }

    /**
     * Examples that so many steps have seen: whole epochs, then whole batches. Where a step holds a number of tokens, only whole epochs can be
     * counted.
     */
    private static OptionalDouble examples(Recipe.TrainChoice train, int size, long steps) {
        if (train.steps() == 0) {
            return OptionalDouble.of((double) train.epochs() * size);
        }
        if (train.batch() == 0 || size == 0) {
            return OptionalDouble.empty();
        }
        long perEpoch = ((long) size + train.batch() - 1) / train.batch();
        long ofEpochs = steps / perEpoch * size;
        long ofTheLast = Math.min(size, steps % perEpoch * train.batch());
        return OptionalDouble.of((double) (ofEpochs + ofTheLast));
    }

    /**
     * The score to which seconds are counted: the given one, else half the way from the best head-only row to the best of all others, by the primary
     * figure's means.
     *
     * @param given a fraction; null for the default
     * @param majority the primary figure of the majority class, which stands in where head-only has no result; null if it is not known
     * @return the target; null if nothing is better than head-only, or there is nothing to compare
     */
    static @Nullable Target target(
            List<RowTrials> rows, Figure primary, @Nullable Double given, @Nullable Double majority) {
        if (given != null) {
            return new Target(primary, given, true);
        }
        OptionalDouble low = highest(rows, primary, true);
        OptionalDouble high = highest(rows, primary, false);
        double from = low.isPresent() ? low.getAsDouble() : majority == null ? Double.NaN : majority;
        return high.isPresent() && high.getAsDouble() > from
                ? new Target(primary, from + (high.getAsDouble() - from) / 2, false)
                : null;
    }

    private static OptionalDouble highest(List<RowTrials> rows, Figure primary, boolean headOnly) {
        return rows.stream()
                .filter(row -> row.headOnly() == headOnly && row.spread(primary.name()) != null)
                .mapToDouble(row ->
                        Objects.requireNonNull(row.spread(primary.name())).mean())
                .max();
    }

    private static @Nullable Reached reached(RowTrials row, Target target) {
        List<Outcome> outcomes = row.outcomes();
        boolean timed = outcomes.stream()
                .allMatch(outcome -> !outcome.evaluations().isEmpty()
                        && outcome.evaluations().stream().allMatch(point -> point.seconds() != null));
        if (!timed) {
            return null;
        }
        List<Double> seconds = outcomes.stream()
                .flatMap(outcome -> outcome.secondsTo(target.figure().name(), target.score()).stream())
                .toList();
        return new Reached(
                seconds.isEmpty() ? null : Double.valueOf(Spread.of(seconds).mean()), seconds.size(), outcomes.size());
    }
}
