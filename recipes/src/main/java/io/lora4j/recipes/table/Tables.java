package io.lora4j.recipes.table;

import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.results.TrialRecord.Outcome;
import io.lora4j.recipes.results.TrialRecord.Status;
import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.table.ResultTable.Cell;
import io.lora4j.recipes.table.ResultTable.Row;
import io.lora4j.recipes.table.ResultTable.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes tables of finished runs: the only way from results to a table. Deterministic: the same files give the same table. */
public final class Tables {
    private static final String MAJORITY = "majority";

    private Tables() {}

    /**
     * A run's own table.
     *
     * @param run the run
     * @return a row for the majority class, and one per method and rate of which a trial came to an end, with or without a result
     * @throws io.lora4j.error.FormatException if the trials' predictions are damaged or of other trials
     */
    public static ResultTable of(RunResults run) {
        return of(List.of(run), null);
    }

    /**
     * One table of several runs that can be compared: same task, model, budget and code. What they do not have in common is not looked at here
     * ({@link Comparison} does).
     *
     * @param runs one or more runs
     * @param target a score of the primary figure, as a fraction, to which seconds are counted; null for half the way from head-only to the best
     * @return rows as in {@link #of(RunResults)}, over the seeds of all runs
     * @throws io.lora4j.error.FormatException if the trials' predictions are damaged or of other trials
     * @throws io.lora4j.error.UserException if two runs have different results for the same trial
     */
    public static ResultTable of(List<RunResults> runs, @Nullable Double target) {
        RunResults first = runs.get(0);
        List<String> notes = new ArrayList<>();
        List<Figure> figures = Figure.of(runs);
        List<RowTrials> trials = RowTrials.of(runs, notes);
        notes.addAll(Notes.of(runs));
        Target reach = Costs.target(
                trials,
                figures.get(0),
                target,
                first.majority().get(figures.get(0).name()));
        Significance significance = Significance.of(trials, figures, notes);
        List<Row> rows = new ArrayList<>();
        rows.add(majority(first, figures));
        for (RowTrials row : trials) {
            rows.add(row(row, figures, significance, reach));
        }
        return new ResultTable(caption(first), figures, rows, significance.tests(), reach, notes);
    }

    private static Row majority(RunResults run, List<Figure> figures) {
        Map<String, Cell> cells = new LinkedHashMap<>();
        for (Figure figure : figures) {
            Double value = run.majority().get(figure.name());
            if (value != null) {
                cells.put(figure.name(), new Cell(Spread.of(List.of(value)), Mark.NONE, null));
            }
        }
        return new Row(MAJORITY, null, 0L, cells, 1, 0, 0, null);
    }

    private static Row row(RowTrials row, List<Figure> figures, Significance significance, @Nullable Target target) {
        Map<String, Cell> cells = new LinkedHashMap<>();
        for (Figure figure : figures) {
            Spread spread = row.spread(figure.name());
            if (spread != null) {
                cells.put(
                        figure.name(),
                        new Cell(spread, significance.mark(figure, row), significance.difference(figure, row)));
            }
        }
        List<Outcome> outcomes = row.outcomes();
        return new Row(
                row.label(),
                row.rate(),
                outcomes.isEmpty() ? null : Long.valueOf(outcomes.get(0).trainableParameters()),
                cells,
                outcomes.size(),
                row.count(Status.DIVERGED),
                row.count(Status.FAILED),
                Costs.of(row, target));
    }

    private static String caption(RunResults run) {
        Recipe recipe = run.recipe();
        Recipe.AdapterChoice adapter = recipe.adapter();
        Recipe.TrainChoice train = recipe.train();
        String budget = train.steps() > 0
                ? train.steps() + " steps"
                : train.epochs() + (train.epochs() == 1 ? " epoch" : " epochs");
        String targets = adapter.targets().isEmpty() ? "all linear layers" : String.join(", ", adapter.targets());
        return recipe.task().name() + ", " + recipe.model().name() + ", rank " + adapter.rank() + " on " + targets
                + ", " + budget + " of " + train.describeStep() + "; "
                + run.provenance().devExamples() + " "
                + recipe.data().evaluatedOn() + " examples";
    }
}
