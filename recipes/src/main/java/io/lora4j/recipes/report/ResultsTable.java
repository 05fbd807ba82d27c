package io.lora4j.recipes.report;

import io.lora4j.recipes.report.TableView.Cell;
import io.lora4j.recipes.report.TableView.Column;
import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.table.ResultTable;
import io.lora4j.recipes.table.ResultTable.Cost;
import io.lora4j.recipes.table.ResultTable.Difference;
import io.lora4j.recipes.table.ResultTable.Reached;
import io.lora4j.recipes.table.ResultTable.Row;
import io.lora4j.recipes.table.ResultTable.Target;
import io.lora4j.recipes.table.ResultTable.Tests;
import io.lora4j.recipes.table.TableText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** A table of results as the page shows it: every cell with the value that it is sorted by. Columns without any value are left out. */
final class ResultsTable {
    private final ResultTable table;
    private final List<Column> columns = new ArrayList<>();
    private final List<Function<Row, Cell>> cells = new ArrayList<>();

    private ResultsTable(ResultTable table) {
        this.table = table;
    }

    static TableView of(ResultTable table) {
        return new ResultsTable(table).view();
    }

    private TableView view() {
        add(new Column("method", false, false), row -> Cell.text(row.method()));
        Tests tests = table.tests();
        table.figures()
                .forEach(
                        figure -> add(new Column(figure.words() + " %", true, true), row -> score(row, figure.name())));
        if (tests != null && tests.reference() != null) {
            add(
                    new Column("Δ " + tests.reference(), true, true),
                    row -> difference(row, "%+.2f", each -> 100 * each.mean()));
            add(new Column("p", true, false), this::probability);
        }
        add(new Column("learning rate", true, false), row -> {
            Double rate = row.learningRate();
            return rate == null ? Cell.empty() : Cell.number(TableText.shortest(rate), rate);
        });
        add(new Column("seeds", true, true), ResultsTable::seeds);
        add(new Column("trainable", true, false), row -> {
            Long count = row.trainableParameters();
            return count == null ? Cell.empty() : number("%,.0f", count.doubleValue());
        });
        cost("init s", "%.1f", Cost::initSeconds);
        cost("train s", "%.1f", Cost::trainSeconds);
        cost("examples/s", "%,.0f", cost -> orNaN(cost.examplesPerSecond()));
        cost("peak MiB", "%,.0f", cost -> cost.peakBytes() / (double) (1 << 20));
        cost("adapter MiB", "%.2f", cost -> {
            Long bytes = cost.adapterBytes();
            return bytes == null ? Double.NaN : bytes / (double) (1 << 20);
        });
        Target target = table.target();
        if (target != null) {
            String score = String.format(Locale.ROOT, "%.1f %%", 100 * target.score());
            add(new Column("s to " + score, true, false), ResultsTable::reached);
        }
        List<List<Cell>> rows = table.rows().stream()
                .map(row -> cells.stream().map(cell -> cell.apply(row)).toList())
                .toList();
        return new TableView(table.caption(), columns, rows, notes(tests, target));
    }

    /** Adds a column if any row has something in it. */
    private void add(Column column, Function<Row, Cell> cell) {
        if (table.rows().stream().anyMatch(row -> !cell.apply(row).equals(Cell.empty()))) {
            columns.add(column);
            cells.add(cell);
        }
    }

    private void cost(String title, String format, ToDoubleFunction<Cost> figure) {
        add(new Column(title, true, false), row -> {
            Cost cost = row.cost();
            double value = cost == null ? Double.NaN : figure.applyAsDouble(cost);
            return Double.isNaN(value) ? Cell.empty() : number(format, value);
        });
    }

    private static double orNaN(@Nullable Double value) {
        return value == null ? Double.NaN : value;
    }

    private static Cell number(String format, double value) {
        return Cell.number(String.format(Locale.ROOT, format, value), value);
    }

    private static Cell score(Row row, String figure) {
        ResultTable.Cell cell = row.cells().get(figure);
        if (cell == null || cell.spread().count() == 0) {
            return row.diverged() > 0 && row.finished() == 0 ? Cell.text("diverged") : Cell.empty();
        }
        Spread spread = cell.spread();
        String text = String.format(Locale.ROOT, "%.2f", 100 * spread.mean())
                + (spread.count() > 1 ? String.format(Locale.ROOT, " ± %.2f", 100 * spread.deviation()) : "");
        return new Cell(
                text,
                100 * spread.mean(),
                switch (cell.mark()) {
                    case BEST -> TableView.Mark.BEST;
                    case TIED -> TableView.Mark.TIED;
                    case NONE -> TableView.Mark.NONE;
                });
    }

    private Cell probability(Row row) {
        Cell cell = difference(row, "%.3f", Difference::adjustedP);
        Double p = cell.value();
        return p != null && p < 0.001 ? Cell.number("<0.001", p) : cell;
    }

    private Cell difference(Row row, String format, ToDoubleFunction<Difference> figure) {
        ResultTable.Cell cell = row.cells().get(table.primary().name());
        Difference difference = cell == null ? null : cell.difference();
        return difference == null ? Cell.empty() : number(format, figure.applyAsDouble(difference));
    }

    private static Cell seeds(Row row) {
        int lost = row.diverged() + row.failed();
        String text = row.finished() + (lost == 0 ? "" : " of " + (row.finished() + lost));
        return Cell.number(text, row.finished());
    }

    private static Cell reached(Row row) {
        Cost cost = row.cost();
        Reached reached = cost == null ? null : cost.reached();
        if (reached == null) {
            return Cell.empty();
        }
        Double seconds = reached.seconds();
        if (seconds == null) {
            return Cell.text("never");
        }
        String some = reached.reached() < reached.of() ? " (" + reached.reached() + " of " + reached.of() + ")" : "";
        return Cell.number(String.format(Locale.ROOT, "%.1f", seconds) + some, seconds);
    }

    private List<String> notes(@Nullable Tests tests, @Nullable Target target) {
        List<String> notes = new ArrayList<>(List.of("Scores: mean ± standard deviation over seeds."));
        if (tests != null) {
            notes.add(String.format(
                    Locale.ROOT,
                    "★ the best mean of a column, ≈ not significantly worse (p ≥ %s; paired bootstrap over dev examples and seeds, %,d"
                            + " resamples, Holm's correction over the column)%s.",
                    TableText.shortest(tests.alpha()),
                    tests.resamples(),
                    tests.seeds() == 1 ? "; one seed only: the test says nothing of other seeds" : ""));
            if (tests.reference() != null) {
                notes.add("Δ: difference to " + tests.reference() + " in points of "
                        + table.primary().words() + "; p by the same test.");
            }
        }
        if (target != null) {
            notes.add("s to a score: seconds of initialisation and training until an evaluation had reached it"
                    + (target.given() ? "." : "; the score is half the way from head-only to the best mean."));
        }
        notes.addAll(table.notes());
        return notes;
    }
}
