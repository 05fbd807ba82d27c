package io.lora4j.datasets;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns one file's rows into examples and checks each against the task. Used once, for one file. */
final class RowParser {
    private final TaskSpec spec;
    private final SourceFile file;
    private final Map<String, Integer> classes = new HashMap<>();

    RowParser(TaskSpec spec, SourceFile file) {
        this.spec = spec;
        this.file = file;
        for (String label : spec.labels()) {
            classes.put(label, classes.size());
        }
    }

    List<Example> parse() {
        Column second = spec.textB();
        List<Column> columns = second == null
                ? List.of(spec.textA(), spec.label())
                : Stream.of(spec.textA(), second, spec.label()).toList();
        ColumnReader reader =
                new ColumnReader(spec.name(), file, spec.format(), spec.header(), spec.columnCount(), columns);
        List<Example> examples = new ArrayList<>();
        for (ColumnReader.Row row : reader.read()) {
            examples.add(example(row, second));
        }
        return examples;
    }

    private Example example(ColumnReader.Row row, @Nullable Column second) {
        List<String> cells = row.cells();
        String textA = text(cells.get(0), spec.textA(), row.line());
        String textB = second == null ? null : text(cells.get(1), second, row.line());
        return new Example(textA, textB, label(cells.get(cells.size() - 1).strip(), row.line()));
    }

    private String text(String text, Column column, long line) {
        if (text.isBlank()) {
            throw new DataException(file.name(), line, "the text in column " + column + " is empty");
        }
        return text;
    }

    private int label(String value, long line) {
        @Nullable Integer label = classes.get(value);
        if (label == null) {
            throw new DataException(
                    file.name(),
                    line,
                    "unknown label '" + value + "'; " + spec.name() + " knows " + String.join(", ", spec.labels()));
        }
        return label;
    }
}
