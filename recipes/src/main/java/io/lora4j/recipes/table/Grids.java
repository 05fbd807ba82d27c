package io.lora4j.recipes.table;

import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.table.ResultTable.Cost;
import io.lora4j.recipes.table.ResultTable.Difference;
import io.lora4j.recipes.table.ResultTable.Reached;
import io.lora4j.recipes.table.ResultTable.Row;
import io.lora4j.recipes.table.ResultTable.Target;
import io.lora4j.recipes.table.ResultTable.Tests;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Tables as cells of text. A column without any value is left out, but for the scores. */
final class Grids {
    private Grids() {}

    /** A column, and how a row fills it. */
    private record Filled(Grid.Column column, Function<Row, Grid.Cell> cell) {}

    /** The table of one comparison. */
    static Grid of(ResultTable table) {
        List<Filled> columns = new ArrayList<>();
        columns.add(new Filled(new Grid.Column("method", true), row -> Grid.Cell.of(row.method())));
        columns.add(text("learning rate", row -> rate(row.learningRate())));
        columns.add(text("trainable", row -> Numbers.count(row.trainableParameters())));
        for (Figure figure : table.figures()) {
            boolean primary = figure.equals(table.primary());
            columns.add(new Filled(new Grid.Column(figure.heading(), false), row -> score(row, figure, primary)));
        }
        List<Filled> optional = new ArrayList<>();
        Tests tests = table.tests();
        if (tests != null && tests.reference() != null) {
            optional.add(text("Δ " + tests.reference(), row -> difference(table, row, false)));
            optional.add(text("p", row -> difference(table, row, true)));
        }
        columns.addAll(shown(optional, table));
        columns.add(text("seeds", Grids::seeds));
        columns.addAll(shown(costs(table.target()), table));
        List<List<Grid.Cell>> lines = table.rows().stream()
                .map(row -> columns.stream().map(each -> each.cell().apply(row)).toList())
                .toList();
        return new Grid(
                table.caption(), columns.stream().map(Filled::column).toList(), 2, lines, legend(table), table.notes());
    }

    private static List<Filled> costs(@Nullable Target target) {
        List<Filled> costs = new ArrayList<>();
        costs.add(cost("init s", cost -> Numbers.seconds(cost.initSeconds())));
        costs.add(cost("train s", cost -> Numbers.seconds(cost.trainSeconds())));
        costs.add(cost("ex/s", cost -> perSecond(cost.examplesPerSecond())));
        costs.add(cost("peak MiB", cost -> Numbers.mebibytes(cost.peakBytes(), 0)));
        costs.add(cost("adapter MiB", cost -> Numbers.mebibytes(cost.adapterBytes(), 2)));
        if (target != null) {
            costs.add(cost("s to " + Numbers.fixed(100 * target.score(), 1) + " %", cost -> reached(cost.reached())));
        }
        return costs;
    }

    private static Filled text(String heading, Function<Row, String> text) {
        return new Filled(new Grid.Column(heading, false), row -> Grid.Cell.of(text.apply(row)));
    }

    private static Filled cost(String heading, Function<Cost, String> text) {
        return text(heading, row -> {
            Cost cost = row.cost();
            return cost == null ? Numbers.NOTHING : text.apply(cost);
        });
    }

    private static List<Filled> shown(List<Filled> columns, ResultTable table) {
        return columns.stream()
                .filter(each -> table.rows().stream()
                        .anyMatch(row -> !each.cell().apply(row).text().equals(Numbers.NOTHING)))
                .toList();
    }

    /** Mean and deviation; in the primary column a row without a result says why it has none. */
    static Grid.Cell score(Row row, Figure figure, boolean primary) {
        ResultTable.Cell cell = row.cells().get(figure.name());
        if (cell == null) {
            String why = row.diverged() > 0 ? "diverged" : row.failed() > 0 ? "failed" : Numbers.NOTHING;
            return Grid.Cell.of(primary && row.finished() == 0 ? why : Numbers.NOTHING);
        }
        return score(cell.spread(), cell.mark());
    }

    static Grid.Cell score(Spread spread, Mark mark) {
        double deviation = spread.deviation();
        return new Grid.Cell(
                Numbers.percent(spread.mean()), Double.isNaN(deviation) ? "" : Numbers.percent(deviation), mark);
    }

    private static String difference(ResultTable table, Row row, boolean probability) {
        ResultTable.Cell cell = row.cells().get(table.primary().name());
        Difference difference = cell == null ? null : cell.difference();
        if (difference == null) {
            return Numbers.NOTHING;
        }
        return probability ? Numbers.probability(difference.adjustedP()) : Numbers.points(difference.mean());
    }

    private static String seeds(Row row) {
        List<String> without = new ArrayList<>();
        if (row.diverged() > 0) {
            without.add(row.diverged() + " diverged");
        }
        if (row.failed() > 0) {
            without.add(row.failed() + " failed");
        }
        return row.finished() + (without.isEmpty() ? "" : " (" + String.join(", ", without) + ")");
    }

    static String rate(@Nullable Double value) {
        return value == null ? Numbers.NOTHING : TableText.shortest(value);
    }

    private static String perSecond(@Nullable Double value) {
        return value == null ? Numbers.NOTHING : Numbers.fixed(value, value < 100 ? 1 : 0);
    }

    private static String reached(@Nullable Reached reached) {
        if (reached == null) {
            return Numbers.NOTHING;
        }
        Double seconds = reached.seconds();
        if (seconds == null) {
            return "never";
        }
        return Numbers.seconds(seconds)
                + (reached.reached() < reached.of() ? " (" + reached.reached() + " of " + reached.of() + ")" : "");
    }

    private static List<String> legend(ResultTable table) {
        List<String> legend = new ArrayList<>();
        Tests tests = table.tests();
        if (tests != null) {
            legend.add(tested(tests));
            if (tests.reference() != null) {
                legend.add("Δ: difference to " + tests.reference() + " in points of "
                        + table.primary().words() + "; p by the same test");
            }
        }
        Target target = table.target();
        boolean timed = table.rows().stream().anyMatch(row -> timed(row.cost()));
        if (target != null && timed) {
            String score = Numbers.fixed(100 * target.score(), 1) + " %";
            legend.add("s to " + score + ": seconds of initialisation and training until "
                    + target.figure().words() + " on the dev set was seen to have reached " + score
                    + (target.given() ? "" : ", half the way from head-only to the best mean"));
        }
        return legend;
    }

    private static boolean timed(@Nullable Cost cost) {
        return cost != null && cost.reached() != null;
    }

    /** How was tested, in a line. */
    static String tested(Tests tests) {
        return Grid.BEST + ", " + Grid.TIED
                + String.format(
                        Locale.ROOT,
                        " (p ≥ %s; paired bootstrap over dev examples and seeds, %,d resamples, Holm's correction over the column)",
                        TableText.shortest(tests.alpha()),
                        tests.resamples())
                + (tests.seeds() == 1 ? "; one seed only: the test says nothing of other seeds" : "");
    }
}
