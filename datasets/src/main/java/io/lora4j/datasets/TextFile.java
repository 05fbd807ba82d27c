package io.lora4j.datasets;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Texts without labels: what a trained classifier is asked about. */
public final class TextFile {
    private TextFile() {}

    /**
     * One row.
     *
     * @param line its line in the file, counted from 1
     * @param first the text, or a pair's first text
     * @param second a pair's second text, or null
     */
    public record Text(long line, String first, @Nullable String second) {}

    /**
     * The format that a file's name tells.
     *
     * @param file a file
     * @return CSV for {@code .csv}, JSONL for {@code .jsonl}, else TSV: a plain list of texts is a file of one column
     */
    public static DataFormat formatOf(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".csv")) {
            return DataFormat.CSV;
        }
        return name.endsWith(".jsonl") ? DataFormat.JSONL : DataFormat.TSV;
    }

    /**
     * Reads a file whole.
     *
     * @param file the file
     * @param format how it is laid out
     * @param header whether the first line names the columns; JSONL has none
     * @param first the column of the text, or of a pair's first text
     * @param second the column of a pair's second text, or null
     * @return the rows in the file's order
     * @throws DataException at the first fault: a missing file, text that is not UTF-8, a wrong number of columns, an empty text, a file
     *     without rows; the message names the file and the line
     */
    public static List<Text> read(Path file, DataFormat format, boolean header, Column first, @Nullable Column second) {
        if (!Files.exists(file)) {
            throw new DataException("no such file: " + file);
        }
        SourceFile source = SourceFile.read(file);
        List<Column> columns =
                second == null ? List.of(first) : Stream.of(first, second).toList();
        return new ColumnReader("the first line", source, format, header, 0, columns)
                .read().stream().map(row -> text(source, row, columns)).toList();
    }

    private static Text text(SourceFile file, ColumnReader.Row row, List<Column> columns) {
        for (int i = 0; i < columns.size(); i++) {
            if (row.cells().get(i).isBlank()) {
                throw new DataException(file.name(), row.line(), "the text in column " + columns.get(i) + " is empty");
            }
        }
        return new Text(
                row.line(),
                row.cells().get(0),
                columns.size() == 1 ? null : row.cells().get(1));
    }
}
