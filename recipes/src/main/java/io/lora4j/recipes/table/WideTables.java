package io.lora4j.recipes.table;

import io.lora4j.datasets.GlueScore;
import io.lora4j.datasets.GlueTask;
import io.lora4j.datasets.Metric;
import io.lora4j.recipes.stats.Spread;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes wide tables of several results. */
final class WideTables {
    private WideTables() {}

    /**
     * Lays tables side by side.
     *
     * @param headings for each entry what stands above its columns
     * @param tasks for each entry its task of GLUE; null for others
     */
    static WideTable of(List<Comparison.Entry> entries, List<String> headings, List<@Nullable GlueTask> tasks) {
        List<WideTable.Column> columns = new ArrayList<>();
        for (int e = 0; e < entries.size(); e++) {
            for (Figure figure : entries.get(e).table().figures()) {
                if (figure.official()) {
                    columns.add(new WideTable.Column(e, headings.get(e), figure));
                }
            }
        }
        List<Map<String, ResultTable.Row>> rows =
                entries.stream().map(entry -> named(entry.table(), entries)).toList();
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(each -> names.addAll(each.keySet()));
        boolean averages = complete(tasks);
        List<WideTable.Row> wide = new ArrayList<>();
        for (String name : names) {
            List<WideTable.Cell> cells = columns.stream()
                    .map(column -> cell(rows.get(column.entry()).get(name), column.figure()))
                    .toList();
            wide.add(new WideTable.Row(name, cells, averages ? average(name, rows, tasks) : null));
        }
        return new WideTable(columns, wide, averages);
    }

    /** Rows by label; with their rates if any of the tables has a label at several rates. */
    private static Map<String, ResultTable.Row> named(ResultTable table, List<Comparison.Entry> entries) {
        boolean rates = entries.stream().anyMatch(entry -> {
            List<ResultTable.Row> rows = entry.table().rows();
            return rows.stream().map(ResultTable.Row::method).distinct().count() < rows.size();
        });
        Map<String, ResultTable.Row> named = new LinkedHashMap<>();
        for (ResultTable.Row row : table.rows()) {
            Double rate = row.learningRate();
            named.put(rates && rate != null ? row.method() + " at " + TableText.shortest(rate) : row.method(), row);
        }
        return named;
    }

    private static WideTable.Cell cell(ResultTable.@Nullable Row row, Figure figure) {
        ResultTable.Cell cell = row == null ? null : row.cells().get(figure.name());
        if (cell != null) {
            return new WideTable.Cell(cell.spread(), cell.mark(), "");
        }
        String why = row == null ? "" : row.diverged() > 0 ? "diverged" : row.failed() > 0 ? "failed" : "";
        return new WideTable.Cell(null, Mark.NONE, why);
    }

    /** Every task of GLUE once. */
    private static boolean complete(List<@Nullable GlueTask> tasks) {
        return tasks.size() == GlueTask.values().length
                && Set.copyOf(known(tasks)).size() == GlueTask.values().length;
    }

    private static List<GlueTask> known(List<@Nullable GlueTask> tasks) {
        List<GlueTask> known = new ArrayList<>();
        for (GlueTask task : tasks) {
            if (task != null) {
                known.add(task);
            }
        }
        return known;
    }

    /** GLUE's average of the means; null where a figure of a task is missing (as MNLI's mismatched accuracy may be). */
    private static @Nullable Double average(
            String name, List<Map<String, ResultTable.Row>> rows, List<@Nullable GlueTask> tasks) {
        Map<GlueTask, Double> scores = new EnumMap<>(GlueTask.class);
        for (int e = 0; e < rows.size(); e++) {
            GlueTask task = tasks.get(e);
            ResultTable.Row row = rows.get(e).get(name);
            if (task == null || row == null) {
                return null;
            }
            List<Map<Metric, Double>> files = new ArrayList<>();
            for (int file = 0; file < task.devFiles().size(); file++) {
                String on = file == 0 ? "" : "_mismatched";
                Map<Metric, Double> figures = new EnumMap<>(Metric.class);
                for (Metric metric : task.metrics()) {
                    Spread spread = row.spread(TaskFigures.name(metric) + on);
                    if (spread == null) {
                        return null;
                    }
                    figures.put(metric, spread.mean());
                }
                files.add(figures);
            }
            scores.put(task, GlueScore.of(task, files));
        }
        return GlueScore.average(scores);
    }

    /** The table as cells of text. */
    static Grid grid(WideTable table, String caption, List<String> legend, List<String> notes) {
        List<Grid.Column> columns = new ArrayList<>();
        columns.add(new Grid.Column("method", true));
        table.columns()
                .forEach(column -> columns.add(
                        new Grid.Column(column.heading() + " " + column.figure().heading(), false)));
        if (table.averages()) {
            columns.add(new Grid.Column("GLUE", false));
        }
        List<List<Grid.Cell>> lines = new ArrayList<>();
        for (WideTable.Row row : table.rows()) {
            List<Grid.Cell> line = new ArrayList<>();
            line.add(Grid.Cell.of(row.method()));
            for (WideTable.Cell cell : row.cells()) {
                Spread spread = cell.spread();
                line.add(
                        spread != null
                                ? Grids.score(spread, cell.mark())
                                : Grid.Cell.of(cell.why().isEmpty() ? Numbers.NOTHING : cell.why()));
            }
            if (table.averages()) {
                Double average = row.average();
                line.add(Grid.Cell.of(average == null ? Numbers.NOTHING : Numbers.percent(average)));
            }
            lines.add(line);
        }
        return new Grid(caption, columns, 1, lines, legend, notes);
    }
}
