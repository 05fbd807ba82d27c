package io.lora4j.recipes.table;

import io.lora4j.error.FormatException;
import io.lora4j.recipes.predictions.Predictions;
import io.lora4j.recipes.predictions.PredictionsFile;
import io.lora4j.recipes.results.Scores;
import io.lora4j.recipes.results.TrialRecord;
import io.lora4j.recipes.results.TrialRecord.Status;
import io.lora4j.recipes.stats.DevMetric;
import io.lora4j.recipes.stats.MethodRuns;
import io.lora4j.recipes.stats.PairedTests;
import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.stats.Standings;
import io.lora4j.recipes.table.ResultTable.Difference;
import io.lora4j.recipes.table.ResultTable.Tests;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which rows differ by more than chance: every row against a reference, and against the best of its column, by the paired bootstrap over dev
 * examples and seeds. Rows are compared over the seeds that both have.
 *
 * <p>A row of which a seed diverged or failed is compared with the reference over the seeds that are left, but is neither the best nor tied: its mean
 * is that of the seeds that went well.
 */
final class Significance {
    /** Below it, a difference counts as more than chance. */
    static final double ALPHA = 0.05;

    /** The method that others are compared with. */
    private static final String REFERENCE = "lora";

    /** Examples up to which all resamples are drawn; above, fewer are, so that a table takes seconds. */
    private static final int MANY_EXAMPLES = 2_000;

    private static final int LEAST_RESAMPLES = 1_000;
    private static final long SEED = 1;

    /** Scores of files and of predictions are sums of the same numbers in another order. */
    private static final double SAME = 1e-6;

    private final @Nullable Tests tests;
    private final Map<String, Map<RowTrials, Mark>> marks = new HashMap<>();
    private final Map<String, Map<RowTrials, Difference>> differences = new HashMap<>();

    private Significance(@Nullable Tests tests) {
        this.tests = tests;
    }

    /**
     * Tests all official figures.
     *
     * @param rows all rows of trials
     * @param figures the table's figures
     * @param notes takes the reason where nothing can be tested
     * @throws FormatException if predictions are damaged, or do not give the scores of their result
     * @throws io.lora4j.error.UserException if trials were evaluated on different data
     */
    static Significance of(List<RowTrials> rows, List<Figure> figures, List<String> notes) {
        List<RowTrials> some =
                rows.stream().filter(row -> !row.done().isEmpty()).toList();
        int without = 0;
        int trials = 0;
        Map<RowTrials, SortedMap<Long, Predictions>> predictions = new LinkedHashMap<>();
        for (RowTrials row : some) {
            SortedMap<Long, Predictions> bySeed = new TreeMap<>();
            for (TrialRecord trial : row.done().values()) {
                Optional<Predictions> read = trial.predictions();
                trials++;
                without += read.isPresent() ? 0 : 1;
                read.ifPresent(each -> bySeed.put(trial.seed(), checked(trial, each, figures)));
            }
            predictions.put(row, bySeed);
        }
        if (without > 0) {
            notes.add("differences are not tested, and neither the best nor ties marked: " + without + " of " + trials
                    + " trials have no " + PredictionsFile.NAME);
        }
        return without > 0 || trials == 0 ? new Significance(null) : tested(predictions, figures);
    }

    private static Significance tested(Map<RowTrials, SortedMap<Long, Predictions>> predictions, List<Figure> figures) {
        Predictions first =
                predictions.values().iterator().next().values().iterator().next();
        String firstName = predictions.keySet().iterator().next().name();
        Map<RowTrials, MethodRuns> runs = new LinkedHashMap<>();
        predictions.forEach((row, bySeed) -> {
            bySeed.values().forEach(each -> each.requireSameData(row.name(), first, firstName));
            // Rows are told apart by their place: labels alone repeat where there are several rates.
            runs.put(row, Predictions.runs(Integer.toString(runs.size()), bySeed));
        });
        int resamples = (int) Math.max(
                LEAST_RESAMPLES,
                Math.min(PairedTests.RESAMPLES, (long) PairedTests.RESAMPLES * MANY_EXAMPLES / first.size()));
        RowTrials reference = reference(runs.keySet(), figures.get(0));
        int seeds = runs.values().stream()
                .mapToInt(each -> each.seeds().size())
                .max()
                .orElse(0);
        Significance all =
                new Significance(new Tests(ALPHA, resamples, reference == null ? null : reference.name(), seeds));
        for (Figure figure : figures) {
            if (figure.official() && figure.onDev()) {
                PairedTests test = new PairedTests(first.labels(), metric(figure, first), resamples, SEED);
                all.compare(test, figure, reference, runs);
            }
        }
        return all;
    }

    private void compare(
            PairedTests test, Figure figure, @Nullable RowTrials reference, Map<RowTrials, MethodRuns> runs) {
        if (reference != null) {
            Map<RowTrials, Difference> found = new HashMap<>();
            against(test, reference, runs).forEach((row, versus) -> {
                if (row != reference) {
                    found.put(
                            row,
                            new Difference(versus.difference(), versus.interval(), versus.p(), versus.adjustedP()));
                }
            });
            differences.put(figure.name(), found);
        }
        Map<RowTrials, MethodRuns> whole = new LinkedHashMap<>(runs);
        whole.keySet().removeIf(row -> row.count(Status.DIVERGED) + row.count(Status.FAILED) > 0);
        RowTrials best = highest(whole.keySet(), figure);
        if (best != null) {
            Map<RowTrials, Mark> found = new HashMap<>();
            against(test, best, whole)
                    .forEach((row, versus) -> found.put(
                            row, row == best ? Mark.BEST : versus.significant(ALPHA) ? Mark.NONE : Mark.TIED));
            marks.put(figure.name(), found);
        }
    }

    /** All rows that share a seed with another one, against it. */
    private static Map<RowTrials, Standings.Versus> against(
            PairedTests test, RowTrials other, Map<RowTrials, MethodRuns> runs) {
        MethodRuns reference = Objects.requireNonNull(runs.get(other));
        List<RowTrials> rows = new ArrayList<>();
        List<MethodRuns> comparable = new ArrayList<>();
        runs.forEach((row, each) -> {
            Set<Long> common = new TreeSet<>(each.seeds());
            common.retainAll(reference.seeds());
            if (!common.isEmpty()) {
                rows.add(row);
                comparable.add(each);
            }
        });
        List<Standings.Versus> results = Standings.against(test, reference.method(), comparable);
        Map<RowTrials, Standings.Versus> byRow = new LinkedHashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            byRow.put(rows.get(i), results.get(i));
        }
        return byRow;
    }

    /** Plain LoRA: the row of that label, else of that method; at its best rate where there are several. */
    private static @Nullable RowTrials reference(Set<RowTrials> rows, Figure primary) {
        List<RowTrials> labelled =
                rows.stream().filter(row -> row.label().equals(REFERENCE)).toList();
        List<RowTrials> named =
                rows.stream().filter(row -> row.method().equals(REFERENCE)).toList();
        return highest(labelled.isEmpty() ? named : labelled, primary);
    }

    /** The first of the rows with the highest mean. */
    private static @Nullable RowTrials highest(Iterable<RowTrials> rows, Figure figure) {
        List<RowTrials> some = new ArrayList<>();
        rows.forEach(row -> {
            if (row.spread(figure.name()) != null) {
                some.add(row);
            }
        });
        return some.stream()
                .max(Comparator.comparingDouble(row -> mean(row, figure)))
                .orElse(null);
    }

    private static double mean(RowTrials row, Figure figure) {
        Spread spread = row.spread(figure.name());
        return spread == null ? Double.NEGATIVE_INFINITY : spread.mean();
    }

    /** Refuses predictions of another trial: they must give the scores that stand beside them. */
    private static Predictions checked(TrialRecord trial, Predictions predictions, List<Figure> figures) {
        Map<String, Double> scores = Objects.requireNonNull(trial.outcome()).scores();
        for (Figure figure : figures) {
            Double written = scores.get(figure.name());
            if (written != null && figure.official() && figure.onDev()) {
                double value = metric(figure, predictions).of(predictions.labels(), predictions.predictions());
                if (!(Math.abs(value - written) < SAME)) {
                    throw new FormatException(
                            trial.folder().resolve(PredictionsFile.NAME),
                            "gives " + figure.words() + " " + value + ", result.json beside it says " + written
                                    + ": it is not of this trial");
                }
            }
        }
        return predictions;
    }

    private static DevMetric metric(Figure figure, Predictions predictions) {
        int classes = predictions.classes();
        return switch (figure.name()) {
            case Scores.ACCURACY -> DevMetric.accuracy(classes);
            case Scores.F1 -> DevMetric.f1(classes);
            case Scores.MATTHEWS -> DevMetric.matthews(classes);
            case Scores.PEARSON -> DevMetric.pearson();
            case Scores.SPEARMAN -> DevMetric.spearman();
            default -> throw new IllegalArgumentException(figure.name());
        };
    }

    /** How was tested; null if nothing was. */
    @Nullable
    Tests tests() {
        return tests;
    }

    Mark mark(Figure figure, RowTrials row) {
        return marks.getOrDefault(figure.name(), Map.of()).getOrDefault(row, Mark.NONE);
    }

    @Nullable
    Difference difference(Figure figure, RowTrials row) {
        return differences.getOrDefault(figure.name(), Map.of()).get(row);
    }
}
