package io.lora4j.recipes.run;

import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.table.ResultTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Trials as rows of a table: one row per method and rate, over seeds; the majority class first. */
final class Rows {
    private Rows() {}

    static ResultTable table(
            Recipe recipe, TaskMetrics majority, List<TrialResult> trials, List<FailedTrial> failures) {
        List<ResultTable.Row> rows = new ArrayList<>();
        rows.add(new ResultTable.Row(
                "majority",
                null,
                0,
                one(figure(majority, "accuracy")),
                one(figure(majority, "f1")),
                one(figure(majority, "matthews")),
                null,
                null,
                null));
        for (Recipe.MethodChoice method : recipe.methods()) {
            for (double rate : method.learningRates()) {
                List<TrialResult> members = trials.stream()
                        .filter(trial -> trial.key().method().equals(method.label())
                                && trial.key().learningRate() == rate)
                        .toList();
                boolean failed = failures.stream()
                        .anyMatch(trial -> trial.key().method().equals(method.label())
                                && trial.key().learningRate() == rate);
                if (!members.isEmpty()) {
                    rows.add(row(method, rate, members));
                } else if (failed) {
                    rows.add(rowWithoutResult(method, rate));
                }
            }
        }
        return new ResultTable(caption(recipe, majority), rows, Notes.of(recipe, majority, trials, failures));
    }

    private static ResultTable.Row rowWithoutResult(Recipe.MethodChoice method, double rate) {
        return new ResultTable.Row(
                method.label(),
                method.settings().takesLearningRate() ? rate : null,
                0,
                Spread.NONE,
                Spread.NONE,
                Spread.NONE,
                null,
                null,
                null);
    }

    private static ResultTable.Row row(Recipe.MethodChoice method, double rate, List<TrialResult> trials) {
        return new ResultTable.Row(
                method.label(),
                method.settings().takesLearningRate() ? rate : null,
                trials.get(0).trainableParameters(),
                spread(trials, trial -> figure(trial.dev(), "accuracy")),
                spread(trials, trial -> figure(trial.dev(), "f1")),
                spread(trials, trial -> figure(trial.dev(), "matthews")),
                spread(trials, TrialResult::initSeconds).mean(),
                spread(trials, TrialResult::trainSeconds).mean(),
                trials.stream().mapToLong(TrialResult::peakBytes).max().orElseThrow());
    }

    private static String caption(Recipe recipe, TaskMetrics majority) {
        Recipe.AdapterChoice adapter = recipe.adapter();
        Recipe.TrainChoice train = recipe.train();
        String budget = train.steps() > 0
                ? train.steps() + " steps"
                : train.epochs() + (train.epochs() == 1 ? " epoch" : " epochs");
        String targets = adapter.targets().isEmpty() ? "all linear layers" : String.join(", ", adapter.targets());
        return recipe.task().name() + ", " + recipe.model().name() + ", rank " + adapter.rank() + " on " + targets
                + ", " + budget + " of " + train.describeStep() + "; " + majority.examples() + " "
                + recipe.data().evaluatedOn() + " examples";
    }

    /** NaN for what the task has not. */
    private static double figure(TaskMetrics metrics, String name) {
        return metrics.figures().getOrDefault(name, Double.NaN);
    }

    private static Spread one(double value) {
        return Spread.of(List.of(value));
    }

    private static Spread spread(List<TrialResult> trials, ToDoubleFunction<TrialResult> figure) {
        return Spread.of(trials.stream().map(figure::applyAsDouble).toList());
    }
}
