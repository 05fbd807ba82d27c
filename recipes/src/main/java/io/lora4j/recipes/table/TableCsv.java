package io.lora4j.recipes.table;

import io.lora4j.recipes.stats.Spread;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/**
 * A result table as CSV (RFC 4180, header line, UTF-8) for programs: full precision, scores as fractions, an empty cell for what there
 * is not.
 */
public final class TableCsv {
    private static final String[] HEADINGS = {
        "method",
        "learning_rate",
        "trainable_parameters",
        "accuracy_mean",
        "accuracy_sd",
        "f1_mean",
        "f1_sd",
        "matthews_mean",
        "matthews_sd",
        "seeds",
        "init_seconds",
        "train_seconds",
        "peak_bytes"
    };

    private TableCsv() {}

    /**
     * Writes the table.
     *
     * @param table the results; its caption is left out
     * @return the text
     */
    public static String csv(ResultTable table) {
        StringBuilder out = new StringBuilder();
        try (CSVPrinter printer =
                CSVFormat.RFC4180.builder().setHeader(HEADINGS).get().print(out)) {
            for (ResultTable.Row row : table.rows()) {
                printer.printRecord(
                        row.method(),
                        row.learningRate(),
                        row.trainableParameters(),
                        known(row.accuracy().mean()),
                        deviation(row.accuracy()),
                        known(row.f1().mean()),
                        deviation(row.f1()),
                        known(row.matthews().mean()),
                        deviation(row.matthews()),
                        row.accuracy().count(),
                        row.initSeconds(),
                        row.trainSeconds(),
                        row.peakBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a StringBuilder does not fail", e);
        }
        return out.toString();
    }

    private static @Nullable Double deviation(Spread spread) {
        return known(spread.deviation());
    }

    private static @Nullable Double known(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
