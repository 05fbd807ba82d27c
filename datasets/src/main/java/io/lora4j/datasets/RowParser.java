package io.lora4j.datasets;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns one file's rows into examples and checks each against the task. Used once, for one file. */
final class RowParser {
    /** One row in so many may be damaged: more means that the file is another one. */
    private static final long GOOD_PER_DAMAGED = 100;

    private static final Logger LOG = LoggerFactory.getLogger(RowParser.class);

    private final TaskSpec spec;
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,9}(\\.[0-9]{1,18})?");

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
        ColumnReader reader = new ColumnReader(
                spec.name(), file, spec.format(), spec.header(), spec.columnCount(), columns, spec.skipsDamagedRows());
        List<Example> examples = new ArrayList<>();
        List<ColumnReader.Row> rows = reader.read();
        for (ColumnReader.Row row : rows) {
            if (!spec.skipsDamagedRows() || complete(row.cells())) {
                examples.add(example(row, second));
            }
        }
        report(reader.damaged() + rows.size() - examples.size(), examples.size());
        return examples;
    }

    private static boolean complete(List<String> cells) {
        return cells.stream().noneMatch(String::isBlank);
    }

    private void report(long damaged, long good) {
        if (damaged > Math.max(1, good / GOOD_PER_DAMAGED)) {
            throw new DataException(file.name() + " has " + damaged + " rows that lack cells or texts, and " + good
                    + " good ones: this is not the published file of " + spec.name());
        }
        if (damaged > 0) {
            LOG.warn("{}: rows left out because they lack cells or texts: {}", file.name(), damaged);
        }
    }

    private Example example(ColumnReader.Row row, @Nullable Column second) {
        List<String> cells = row.cells();
        String textA = text(cells.get(0), spec.textA(), row.line());
        String textB = second == null ? null : text(cells.get(1), second, row.line());
        return new Example(textA, textB, target(cells.get(cells.size() - 1).strip(), row.line()));
    }

    private String text(String text, Column column, long line) {
        if (text.isBlank()) {
            throw new DataException(file.name(), line, "the text in column " + column + " is empty");
        }
        return text;
    }

    private Target target(String value, long line) {
        return spec.targets() instanceof Targets.Scores scores
                ? new Target.Score(score(value, scores, line))
                : Target.of(label(value, line));
    }

    private double score(String value, Targets.Scores scores, long line) {
        double score = NUMBER.matcher(value).matches() ? Double.parseDouble(value) : Double.NaN;
        if (!(score >= scores.least() && score <= scores.greatest())) {
            throw new DataException(
                    file.name(),
                    line,
                    "the score '" + value + "' is no number from " + scores.least() + " to " + scores.greatest());
        }
        return score;
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
