package io.lora4j.recipes.study;

import io.lora4j.recipes.run.Json;
import io.lora4j.recipes.table.Comparison;
import io.lora4j.recipes.table.TableCsv;
import io.lora4j.recipes.table.TableText;
import java.util.List;
import java.util.stream.Collectors;

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
        List<String> keys = result.parts().isEmpty()
                ? List.of()
                : List.copyOf(result.parts().get(0).combination().values().keySet());
        return TableCsv.csv(
                keys,
                result.parts().stream()
                        .map(part -> new Comparison.Entry(
                                List.copyOf(part.combination().values().values()), part.table()))
                        .toList());
    }
}
