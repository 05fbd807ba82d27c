package io.lora4j.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts without labels, from lists and tables. */
class TextFileTest {
    @TempDir
    Path folder;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    @Test
    void aListOfTextsIsOneColumn() throws IOException {
        Path list = file("texts.txt", "one \"text\nanother, with commas\n\n");
        assertEquals(DataFormat.TSV, TextFile.formatOf(list));
        assertEquals(
                List.of(new TextFile.Text(1, "one \"text", null), new TextFile.Text(2, "another, with commas", null)),
                TextFile.read(list, DataFormat.TSV, false, Column.at(0), null));
    }

    @Test
    void pairsByNameInEveryFormat() throws IOException {
        Path tsv = file("a.tsv", "index\ts1\ts2\n0\tleft\tright\n");
        Path csv = file("a.csv", "s2,s1\n\"right\",\"left\"\n");
        Path jsonl = file("a.jsonl", "{\"s2\": \"right\", \"more\": 1, \"s1\": \"left\"}\n");
        for (Path path : List.of(tsv, csv, jsonl)) {
            List<TextFile.Text> texts =
                    TextFile.read(path, TextFile.formatOf(path), true, Column.named("s1"), Column.named("s2"));
            assertEquals(1, texts.size());
            assertEquals("left", texts.get(0).first(), path.toString());
            assertEquals("right", texts.get(0).second(), path.toString());
        }
    }

    @Test
    void faultsNameFileAndLine() throws IOException {
        Path empty = file("b.tsv", "s1\n \n");
        Path narrow = file("c.tsv", "s1\ts2\nleft\n");
        Path fine = file("d.tsv", "s1\nleft\n");
        assertFault("no such file", folder.resolve("none.tsv"), Column.named("s1"));
        assertFault("no rows", empty, Column.named("s1"));
        assertFault("1 column", narrow, Column.named("s1"));
        assertFault("did you mean", fine, Column.named("s2"));
    }

    private static void assertFault(String expected, Path path, Column column) {
        DataException e =
                assertThrows(DataException.class, () -> TextFile.read(path, DataFormat.TSV, true, column, null));
        String message = String.valueOf(e.getMessage());
        assertTrue(
                message.contains(expected)
                        && message.contains(path.getFileName().toString()),
                message);
    }
}
