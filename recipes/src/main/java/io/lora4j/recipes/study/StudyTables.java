package io.lora4j.recipes.study;

import io.lora4j.recipes.run.Json;
import io.lora4j.recipes.table.ResultTable;
import io.lora4j.recipes.table.TableCsv;
import io.lora4j.recipes.table.TableText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/** The tables of all combinations in the study's folder. */
final class StudyTables {
    private StudyTables() {}

    static void write(StudyResult result) {
        Json.text(result.folder().resolve("table.md"), markdown(result));
        Json.text(result.folder().resolve("table.csv"), csv(result));
    }

    /** A table under a heading per combination. */
    private static String markdown(StudyResult result) {
        return result.parts().stream()
                .map(part -> (part.combination().name().isEmpty() ? "" : "## " + title(part) + "\n\n")
                        + TableText.markdown(part.table()))
                .collect(Collectors.joining("\n"));
    }

    /** The sweep's values, e.g. {@code task mrpc, adapter.rank 8}. */
    static String title(StudyResult.Part part) {
        return part.combination().values().entrySet().stream()
                .map(value -> value.getKey() + " " + value.getValue())
                .collect(Collectors.joining(", "));
    }

    /** One table: the sweep's keys are columns before the others. */
    private static String csv(StudyResult result) {
        StringBuilder out = new StringBuilder();
        try (CSVPrinter printer = CSVFormat.RFC4180.print(out)) {
            boolean first = true;
            for (StudyResult.Part part : result.parts()) {
                ResultTable table = part.table();
                try (CSVParser rows = CSVParser.parse(TableCsv.csv(table), CSVFormat.RFC4180)) {
                    for (CSVRecord row : rows) {
                        boolean heading = row.getRecordNumber() == 1;
                        if (!heading || first) {
                            Collection<String> prefix = heading
                                    ? part.combination().values().keySet()
                                    : part.combination().values().values();
                            List<String> cells = new ArrayList<>(prefix);
                            row.forEach(cells::add);
                            printer.printRecord(cells);
                        }
                    }
                }
                first = false;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a StringBuilder does not fail", e);
        }
        return out.toString();
    }
}
