package io.lora4j.recipes.report;

import io.lora4j.recipes.report.Setting.Row;
import io.lora4j.recipes.report.TableView.Cell;
import io.lora4j.recipes.report.TableView.Column;
import io.lora4j.recipes.report.TableView.Mark;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.results.TrialRecord;
import io.lora4j.recipes.results.TrialRecord.Outcome;
import io.lora4j.recipes.stats.Spread;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The results of a setting side by side. */
final class ResultsTable {
    private final Setting setting;
    private final Set<String> figures = new LinkedHashSet<>();

    private ResultsTable(Setting setting) {
        this.setting = setting;
        outcomes(setting.rows().stream().flatMap(row -> row.trials().stream()))
                .forEach(outcome -> figures.addAll(outcome.scores().keySet()));
    }

    static TableView of(Setting setting) {
        return new ResultsTable(setting).view();
    }

    private static Stream<Outcome> outcomes(Stream<TrialRecord> trials) {
        return trials.map(TrialRecord::outcome).filter(Objects::nonNull);
    }

    private TableView view() {
        List<Column> columns = new ArrayList<>(List.of(new Column("method", false, false)));
        figures.forEach(figure -> columns.add(new Column(figure + " %", true, true)));
        for (String title : List.of("seeds", "trainable", "init s", "train s", "peak MiB", "adapter KiB")) {
            columns.add(new Column(title, true, false));
        }
        List<List<Cell>> rows = new ArrayList<>();
        majority(rows);
        for (Row row : setting.rows()) {
            rows.add(row(row));
        }
        String caption = setting.title() + ": mean ± standard deviation over seeds";
        return new TableView(caption, columns, rows, List.of("★ the best mean of a column."));
    }

    private void majority(List<List<Cell>> rows) {
        for (RunResults run : setting.runs()) {
            if (!run.majority().isEmpty()) {
                List<Cell> cells = new ArrayList<>(List.of(Cell.text("majority")));
                for (String figure : figures) {
                    Double value = run.majority().get(figure);
                    cells.add(value == null ? Cell.empty() : number("%.2f", 100 * value));
                }
                while (cells.size() < figures.size() + 7) {
                    cells.add(Cell.empty());
                }
                rows.add(cells);
                return;
            }
        }
    }

    private List<Cell> row(Row row) {
        List<Cell> cells = new ArrayList<>(List.of(Cell.text(row.name())));
        for (String figure : figures) {
            List<Double> values = outcomes(row.trials().stream())
                    .filter(outcome -> outcome.scores().containsKey(figure))
                    .map(outcome ->
                            100 * Objects.requireNonNull(outcome.scores().get(figure)))
                    .toList();
            cells.add(values.isEmpty() ? Cell.empty() : score(figure, Spread.of(values)));
        }
        cells.add(number("%.0f", (double) outcomes(row.trials().stream()).count()));
        cells.add(mean(row, "%,.0f", Outcome::trainableParameters));
        cells.add(mean(row, "%.1f", Outcome::initSeconds));
        cells.add(mean(row, "%.1f", Outcome::trainSeconds));
        cells.add(mean(row, "%.0f", outcome -> outcome.peakBytes() / (double) (1 << 20)));
        cells.add(mean(row, "%.0f", outcome -> {
            Long bytes = outcome.adapterBytes();
            return bytes == null ? Double.NaN : bytes / 1024.0;
        }));
        return cells;
    }

    private Cell score(String figure, Spread spread) {
        String text = String.format(Locale.ROOT, "%.2f", spread.mean())
                + (spread.count() > 1 ? String.format(Locale.ROOT, " ± %.2f", spread.deviation()) : "");
        OptionalDouble best = setting.rows().stream()
                .map(row -> row.mean(figure))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .max();
        boolean isBest = best.isPresent() && spread.mean() >= 100 * best.getAsDouble() - 1e-9;
        return new Cell(text, spread.mean(), isBest ? Mark.BEST : Mark.NONE);
    }

    private static Cell mean(Row row, String format, ToDoubleFunction<Outcome> figure) {
        OptionalDouble mean =
                outcomes(row.trials().stream()).mapToDouble(figure).average();
        return mean.isEmpty() || Double.isNaN(mean.getAsDouble()) ? Cell.empty() : number(format, mean.getAsDouble());
    }

    private static Cell number(String format, double value) {
        return Cell.number(String.format(Locale.ROOT, format, value), value);
    }
}
