package io.lora4j.datasets;

import io.lora4j.datasets.reader.CsvRecordReader;
import io.lora4j.datasets.reader.JsonLinesRecordReader;
import io.lora4j.datasets.reader.MalformedRecordException;
import io.lora4j.datasets.reader.TsvRecordReader;
import io.lora4j.error.Suggestions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.datavec.api.records.Record;
import org.datavec.api.records.metadata.RecordMetaDataLine;
import org.datavec.api.records.reader.RecordReader;
import org.datavec.api.split.InputStreamInputSplit;
import org.jspecify.annotations.Nullable;

/** Turns one file's records into examples and checks each against the task. Used once, for one file. */
final class RowParser {
    /** What a file begins with in programs that mark it as Unicode; inside a text it has neither width nor meaning. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final TaskSpec spec;
    private final SourceFile file;
    private final Map<String, Integer> classes = new HashMap<>();

    /** Where the columns are; known once the first line has been seen. */
    private record Layout(int width, int textA, int textB, int label) {}

    RowParser(TaskSpec spec, SourceFile file) {
        this.spec = spec;
        this.file = file;
        for (String label : spec.labels()) {
            classes.put(label, classes.size());
        }
    }

    List<Example> parse() {
        try (RecordReader records = reader()) {
            records.initialize(new InputStreamInputSplit(file.open()));
            return parse(records);
        } catch (MalformedRecordException e) {
            throw new DataException(file.name(), e.line(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new DataException(file.name() + " cannot be read: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading " + file.name(), e);
        }
    }

    private RecordReader reader() {
        return switch (spec.format()) {
            case TSV -> new TsvRecordReader();
            case CSV -> new CsvRecordReader();
            case JSONL ->
                new JsonLinesRecordReader(
                        columns().map(Column::name).map(Objects::requireNonNull).toList());
        };
    }

    private Stream<Column> columns() {
        return Stream.of(spec.textA(), spec.textB(), spec.label()).filter(Objects::nonNull);
    }

    private List<Example> parse(RecordReader records) {
        List<Example> rows = new ArrayList<>();
        Layout layout = null;
        long blankLine = 0;
        while (records.hasNext()) {
            Record record = records.nextRecord();
            List<String> cells =
                    record.getRecord().stream().map(RowParser::clean).toList();
            long line = ((RecordMetaDataLine) record.getMetaData()).getLineNumber() + 1L;
            if (cells.isEmpty() || (cells.size() == 1 && cells.get(0).isBlank())) {
                blankLine = blankLine == 0 ? line : blankLine;
                continue;
            }
            if (blankLine != 0) {
                throw new DataException(file.name(), blankLine, "the line is empty; only lines at the end may be");
            }
            if (layout == null) {
                layout = layout(cells, line);
                if (spec.header() && spec.format() != DataFormat.JSONL) {
                    continue;
                }
            }
            rows.add(example(cells, layout, line));
        }
        if (rows.isEmpty()) {
            throw new DataException(
                    file.name() + " has no rows" + (layout == null ? ": the file is empty" : " after its header line"));
        }
        return rows;
    }

    private static String clean(Object cell) {
        return cell.toString().replace(BYTE_ORDER_MARK, "");
    }

    private Layout layout(List<String> first, long line) {
        if (spec.format() == DataFormat.JSONL) {
            return spec.pair() ? new Layout(3, 0, 1, 2) : new Layout(2, 0, -1, 1);
        }
        int width = spec.columnCount() == 0 ? first.size() : spec.columnCount();
        checkWidth(first, width, line);
        return new Layout(
                width,
                position(spec.textA(), first, line),
                spec.textB() == null ? -1 : position(spec.textB(), first, line),
                position(spec.label(), first, line));
    }

    private int position(Column column, List<String> first, long line) {
        String name = column.name();
        if (name == null) {
            if (column.index() >= first.size()) {
                throw new DataException(
                        file.name(),
                        line,
                        "there is no column " + column + ", the line has " + first.size() + " columns");
            }
            return column.index();
        }
        List<String> header = first.stream().map(String::strip).toList();
        int position = header.indexOf(name);
        if (position < 0) {
            throw new DataException(
                    file.name(),
                    line,
                    "the header has no column \"" + name + "\"" + Suggestions.didYouMean(name, header)
                            + "; its columns are " + String.join(", ", header));
        }
        return position;
    }

    private void checkWidth(List<String> cells, int width, long line) {
        if (cells.size() != width) {
            String separator = spec.format() == DataFormat.TSV ? "tabs" : "commas";
            throw new DataException(
                    file.name(),
                    line,
                    cells.size() + (cells.size() == 1 ? " column" : " columns") + " (cells between " + separator
                            + ") where " + spec.name() + " has " + width);
        }
    }

    private Example example(List<String> cells, Layout layout, long line) {
        checkWidth(cells, layout.width(), line);
        String textA = text(cells, layout.textA(), spec.textA(), line);
        Column second = spec.textB();
        String textB = second == null ? null : text(cells, layout.textB(), second, line);
        return new Example(textA, textB, label(cells.get(layout.label()).strip(), line));
    }

    private String text(List<String> cells, int position, Column column, long line) {
        String text = cells.get(position);
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
