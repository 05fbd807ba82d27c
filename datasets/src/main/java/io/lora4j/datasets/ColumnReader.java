package io.lora4j.datasets;

import io.lora4j.datasets.reader.CsvRecordReader;
import io.lora4j.datasets.reader.JsonLinesRecordReader;
import io.lora4j.datasets.reader.MalformedRecordException;
import io.lora4j.datasets.reader.TsvRecordReader;
import io.lora4j.error.Suggestions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.datavec.api.records.Record;
import org.datavec.api.records.metadata.RecordMetaDataLine;
import org.datavec.api.records.reader.RecordReader;
import org.datavec.api.split.InputStreamInputSplit;
import org.jspecify.annotations.Nullable;

/** The cells of some columns of one file, every row checked for its width. Used once, for one file. */
final class ColumnReader {
    /** What a file begins with in programs that mark it as Unicode; inside a text it has neither width nor meaning. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final String user;
    private final SourceFile file;
    private final DataFormat format;
    private final boolean header;
    private final int columnCount;
    private final List<Column> columns;
    private final boolean skipDamaged;
    private long damaged;

    /** Where the columns are; known once the first line has been seen. */
    private record Layout(int width, List<Integer> positions) {}

    /**
     * One row.
     *
     * @param line its line, counted from 1
     * @param cells the cells of the wanted columns, in their order
     */
    record Row(long line, List<String> cells) {}

    /**
     * @param user who wants the columns, for messages
     * @param columnCount the number of cells in every row; 0 takes it from the first line
     */
    ColumnReader(
            String user, SourceFile file, DataFormat format, boolean header, int columnCount, List<Column> columns) {
        this(user, file, format, header, columnCount, columns, false);
    }

    /**
     * @param skipDamaged whether empty lines and rows of another width are left out instead of refused
     */
    ColumnReader(
            String user,
            SourceFile file,
            DataFormat format,
            boolean header,
            int columnCount,
            List<Column> columns,
            boolean skipDamaged) {
        this.skipDamaged = skipDamaged;
        this.user = user;
        this.file = file;
        this.format = format;
        this.header = header;
        this.columnCount = columnCount;
        this.columns = List.copyOf(columns);
    }

    /** All rows; a {@link DataException} names file and line of the first fault, and a file without rows. */
    List<Row> read() {
        try (RecordReader records = reader()) {
            records.initialize(new InputStreamInputSplit(file.open()));
            return read(records);
        } catch (MalformedRecordException e) {
            throw new DataException(file.name(), e.line(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new DataException(file.name() + " cannot be read: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading " + file.name(), e);
        }
    }

    /** How many rows were left out; known after {@link #read()}. */
    long damaged() {
        return damaged;
    }

    private RecordReader reader() {
        return switch (format) {
            case TSV -> new TsvRecordReader();
            case CSV -> new CsvRecordReader();
            case JSONL ->
                new JsonLinesRecordReader(columns.stream()
                        .map(Column::name)
                        .map(Objects::requireNonNull)
                        .toList());
        };
    }

    private List<Row> read(RecordReader records) {
        List<Row> rows = new ArrayList<>();
        @Nullable Layout layout = null;
        long blankLine = 0;
        while (records.hasNext()) {
            Record record = records.nextRecord();
            List<String> cells =
                    record.getRecord().stream().map(ColumnReader::clean).toList();
            long line = ((RecordMetaDataLine) record.getMetaData()).getLineNumber() + 1L;
            if (cells.isEmpty() || (cells.size() == 1 && cells.get(0).isBlank())) {
                blankLine = blankLine == 0 ? line : blankLine;
                continue;
            }
            if (blankLine != 0 && !skipDamaged) {
                throw new DataException(file.name(), blankLine, "the line is empty; only lines at the end may be");
            }
            if (layout == null) {
                layout = layout(cells, line);
                if (header && format != DataFormat.JSONL) {
                    continue;
                }
            }
            if (skipDamaged && cells.size() != layout.width()) {
                damaged++;
                continue;
            }
            checkWidth(cells, layout.width(), line);
            rows.add(new Row(line, layout.positions().stream().map(cells::get).toList()));
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
        if (format == DataFormat.JSONL) {
            return new Layout(
                    columns.size(), IntStream.range(0, columns.size()).boxed().toList());
        }
        int width = columnCount == 0 ? first.size() : columnCount;
        checkWidth(first, width, line);
        return new Layout(
                width,
                columns.stream().map(column -> position(column, first, line)).toList());
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
        List<String> names = first.stream().map(String::strip).toList();
        int position = names.indexOf(name);
        if (position < 0) {
            throw new DataException(
                    file.name(),
                    line,
                    "the header has no column \"" + name + "\"" + Suggestions.didYouMean(name, names)
                            + "; its columns are " + String.join(", ", names));
        }
        return position;
    }

    private void checkWidth(List<String> cells, int width, long line) {
        if (cells.size() != width) {
            String separator = format == DataFormat.TSV ? "tabs" : "commas";
            throw new DataException(
                    file.name(),
                    line,
                    cells.size() + (cells.size() == 1 ? " column" : " columns") + " (cells between " + separator
                            + ") where " + user + " has " + width);
        }
    }
}
