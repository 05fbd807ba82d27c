package io.lora4j.recipes.table;

import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.table.ResultTable.Cell;
import io.lora4j.recipes.table.ResultTable.Cost;
import io.lora4j.recipes.table.ResultTable.Difference;
import io.lora4j.recipes.table.ResultTable.Reached;
import io.lora4j.recipes.table.ResultTable.Row;
import io.lora4j.recipes.table.ResultTable.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/**
 * Result tables as CSV (RFC 4180, header line, UTF-8) for programs: full precision, scores and differences as fractions, an empty cell for what there
 * is not.
 */
public final class TableCsv {
    private static final List<String> OF_METHOD = List.of("method", "learning_rate", "trainable_parameters");

    private static final List<String> OF_FIGURE =
            List.of("mean", "sd", "mark", "difference", "low", "high", "p", "p_holm");

    private static final List<String> OF_ROW = List.of(
            "seeds",
            "diverged",
            "failed",
            "init_seconds",
            "train_seconds",
            "examples_per_second",
            "peak_bytes",
            "adapter_bytes",
            "target_figure",
            "target_score",
            "target_seconds",
            "target_reached");

    private TableCsv() {}

    /**
     * Writes one table.
     *
     * @param table the results; its caption and notes are left out
     * @return the text
     */
    public static String csv(ResultTable table) {
        return csv(List.of(), List.of(new Comparison.Entry(List.of(), table)));
    }

    /**
     * Writes several tables as one: the values of the keys in which they differ are the first columns.
     *
     * @param keys names of those columns
     * @param entries tables with their values of the keys
     * @return the text
     */
    public static String csv(List<String> keys, List<Comparison.Entry> entries) {
        Set<String> figures = new LinkedHashSet<>();
        entries.forEach(entry -> entry.table().figures().forEach(figure -> figures.add(figure.name())));
        List<String> headings = new ArrayList<>(keys);
        headings.addAll(OF_METHOD);
        figures.forEach(figure -> OF_FIGURE.forEach(each -> headings.add(figure + "_" + each)));
        headings.addAll(OF_ROW);
        StringBuilder out = new StringBuilder();
        try (CSVPrinter printer = CSVFormat.RFC4180
                .builder()
                .setHeader(headings.toArray(String[]::new))
                .get()
                .print(out)) {
            for (Comparison.Entry entry : entries) {
                for (Row row : entry.table().rows()) {
                    List<@Nullable Object> record = new ArrayList<>(entry.values());
                    add(record, row.method(), row.learningRate(), row.trainableParameters());
                    figures.forEach(figure -> addFigure(record, row.cells().get(figure)));
                    addRow(record, row, entry.table().target());
                    printer.printRecord(record);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a StringBuilder does not fail", e);
        }
        return out.toString();
    }

    private static void addFigure(List<@Nullable Object> record, @Nullable Cell cell) {
        Spread spread = cell == null ? null : cell.spread();
        Difference difference = cell == null ? null : cell.difference();
        record.add(spread == null ? null : Double.valueOf(spread.mean()));
        record.add(spread == null || Double.isNaN(spread.deviation()) ? null : Double.valueOf(spread.deviation()));
        record.add(cell == null || cell.mark() == Mark.NONE ? null : word(cell.mark()));
        if (difference == null) {
            add(record, null, null, null, null, null);
        } else {
            add(
                    record,
                    difference.mean(),
                    difference.interval().low(),
                    difference.interval().high(),
                    difference.p(),
                    difference.adjustedP());
        }
    }

    private static void addRow(List<@Nullable Object> record, Row row, @Nullable Target target) {
        Cost cost = row.cost();
        Reached reached = cost == null ? null : cost.reached();
        add(record, row.finished(), row.diverged(), row.failed());
        if (cost == null) {
            add(record, null, null, null, null, null);
        } else {
            add(
                    record,
                    cost.initSeconds(),
                    cost.trainSeconds(),
                    cost.examplesPerSecond(),
                    cost.peakBytes(),
                    cost.adapterBytes());
        }
        record.add(reached == null || target == null ? null : target.figure().name());
        record.add(reached == null || target == null ? null : Double.valueOf(target.score()));
        record.add(reached == null ? null : reached.seconds());
        record.add(reached == null ? null : Integer.valueOf(reached.reached()));
    }

    private static void add(List<@Nullable Object> record, @Nullable Object... values) {
        for (Object value : values) {
            record.add(value);
        }
    }

    static String word(Mark mark) {
        return mark.name().toLowerCase(Locale.ROOT);
    }
}
