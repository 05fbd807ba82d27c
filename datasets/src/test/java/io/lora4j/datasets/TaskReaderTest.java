package io.lora4j.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every layout is read as documented, and every fault gives one message with file, line and limit. */
class TaskReaderTest {
    private static final String GOOD = "id\ttext\tmark\n1\tA fine day.\tyes\n2\tSo what?\tno\n";
    private static final TaskSpec SINGLE = spec(DataFormat.TSV, true, Column.named("text"), Column.named("mark"));

    @TempDir
    Path folder;

    private static TaskSpec spec(DataFormat format, boolean header, Column text, Column label) {
        return TaskSpec.of("mine", format, "train.txt", "dev.txt", header, text, null, label, List.of("no", "yes"));
    }

    private TaskData read(TaskSpec spec, String train) throws IOException {
        Files.writeString(folder.resolve("train.txt"), train);
        Files.writeString(folder.resolve("dev.txt"), train);
        return TaskReader.read(spec, folder);
    }

    private String fault(TaskSpec spec, String train) throws IOException {
        Files.writeString(folder.resolve("dev.txt"), train);
        Files.writeString(folder.resolve("train.txt"), train);
        DataException e = assertThrows(DataException.class, () -> TaskReader.read(spec, folder));
        return e.getMessage().replace(folder.toString(), "DIR");
    }

    @Test
    void readsTabSeparatedRowsByHeader() throws IOException {
        TaskData data = read(SINGLE, GOOD);
        assertEquals(List.of(new Example("A fine day.", null, 1), new Example("So what?", null, 0)), data.train());
        assertEquals(List.of("no", "yes"), data.labels());
        assertEquals(false, data.pair());
        assertEquals(List.of(1, 1), List.of(data.labelCounts(data.dev())[0], data.labelCounts(data.dev())[1]));
    }

    @Test
    void recordsTheChecksumOfTheBytesRead() throws IOException {
        TaskData data = read(spec(DataFormat.TSV, false, Column.at(0), Column.at(1)), "abc\tyes\n");
        // printf 'abc\tyes\n' | sha256sum
        String expected = "fd1c01eb515adeea957d2d12d90fdebe908799a21fe8cfb3a2cd60c0a4526e1b";
        assertEquals(expected, data.sha256ByFile().get("train.txt"));
        assertEquals(
                List.of("train.txt", "dev.txt"), List.copyOf(data.sha256ByFile().keySet()));
    }

    @Test
    void quotationMarksAndBackslashesAreCharacters() throws IOException {
        TaskData data = read(SINGLE, "id\ttext\tmark\n1\t\" He said \\ so .\tyes\n2\t5 \" pipe\tno\n");
        assertEquals("\" He said \\ so .", data.train().get(0).textA());
        assertEquals("5 \" pipe", data.train().get(1).textA());
    }

    @Test
    void byteOrderMarksAreDroppedAtTheBeginningAndInsideCells() throws IOException {
        TaskData data = read(SINGLE, "\uFEFFid\ttext\tmark\n1\tleft\uFEFF right\tyes\n2\tx\t\uFEFFno\n");
        assertEquals("left right", data.train().get(0).textA());
        assertEquals(0, data.train().get(1).label());
        TaskSpec first = spec(DataFormat.TSV, true, Column.named("text"), Column.named("mark"));
        assertEquals(
                "a", read(first, "\uFEFFtext\tmark\na\tyes\n").train().get(0).textA());
    }

    @Test
    void windowsLineEndsAndEmptyLinesAtTheEndAreTolerated() throws IOException {
        assertEquals(
                read(SINGLE, GOOD).train(),
                read(SINGLE, GOOD.replace("\n", "\r\n") + "\r\n\r\n").train());
        assertEquals(
                read(SINGLE, GOOD).train(), read(SINGLE, GOOD.stripTrailing()).train());
    }

    @Test
    void readsPairsByIndexWithoutHeader() throws IOException {
        TaskSpec pair = TaskSpec.of(
                "mine",
                DataFormat.TSV,
                "train.txt",
                "dev.txt",
                false,
                Column.at(2),
                Column.at(0),
                Column.at(1),
                List.of("0", "1"));
        TaskData data = read(pair, "b\t1\ta\n");
        assertEquals(List.of(new Example("a", "b", 1)), data.train());
        assertEquals(true, data.pair());
    }

    @Test
    void readsCommaSeparatedRowsWithQuotedCommasAndLineBreaks() throws IOException {
        TaskSpec csv = spec(DataFormat.CSV, true, Column.named("text"), Column.named("mark"));
        TaskData data = read(csv, "text,mark\r\n\"one, \"\"two\"\"\",yes\r\n\"two\nlines\",no\r\nplain,yes\r\n");
        assertEquals(
                List.of(
                        new Example("one, \"two\"", null, 1),
                        new Example("two\nlines", null, 0),
                        new Example("plain", null, 1)),
                data.train());
    }

    @Test
    void readsJsonLinesWithNumbersAndBooleansAsLabels() throws IOException {
        TaskSpec json = TaskSpec.of(
                "mine",
                DataFormat.JSONL,
                "train.txt",
                "dev.txt",
                false,
                Column.named("a"),
                Column.named("b"),
                Column.named("y"),
                List.of("0", "true", "many"));
        TaskData data = read(json, """
                {"y":0,"a":"tab\\tinside","b":"\\u00e9","more":[1]}
                {"a":"x","b":"y","y":true}
                {"a":"x","b":"z","y":"many"}

                """);
        assertEquals(
                List.of(new Example("tab\tinside", "é", 0), new Example("x", "y", 1), new Example("x", "z", 2)),
                data.train());
    }

    @Test
    void namesAMissingFolderAndAMissingFile() {
        Path absent = folder.resolve("nowhere");
        assertEquals(
                "the data folder " + absent
                        + " does not exist; QNLI needs QNLI/train.tsv in it: set data.dir to the folder"
                        + " that has it",
                assertThrows(DataException.class, () -> TaskReader.read(GlueTask.QNLI.spec(), absent))
                        .getMessage());
        assertEquals(
                "QNLI needs QNLI/train.tsv in data.dir, but there is no " + folder.resolve("QNLI/train.tsv")
                        + ": put the file there, or set data.dir to the folder that has it",
                assertThrows(DataException.class, () -> TaskReader.read(GlueTask.QNLI.spec(), folder))
                        .getMessage());
    }

    @Test
    void refusesAFolderInPlaceOfAFile() throws IOException {
        Files.createDirectory(folder.resolve("train.txt"));
        DataException e = assertThrows(DataException.class, () -> TaskReader.read(SINGLE, folder));
        assertEquals(folder.resolve("train.txt") + " is a folder, not a data file", e.getMessage());
    }

    @Test
    void namesTheLineWithAWrongNumberOfColumns() throws IOException {
        assertEquals(
                "DIR/train.txt, line 3: 2 columns (cells between tabs) where mine has 3",
                fault(SINGLE, "id\ttext\tmark\n1\ta\tyes\n2\tb\n"));
        assertEquals(
                "DIR/train.txt, line 3: 4 columns (cells between tabs) where mine has 3",
                fault(SINGLE, "id\ttext\tmark\n1\ta\tyes\n2\tb\tno\textra\n"));
        TaskSpec csv = spec(DataFormat.CSV, false, Column.at(0), Column.at(1));
        assertEquals(
                "DIR/train.txt, line 3: 1 column (cells between commas) where mine has 2",
                fault(csv, "\"two\nlines\",yes\nb\n"));
    }

    @Test
    void aGlueFileHasItsColumnsFromTheFirstLineOn() throws IOException {
        Files.createDirectory(folder.resolve("CoLA"));
        Files.writeString(folder.resolve("CoLA/train.tsv"), "sentence\tlabel\nWell made.\t1\n");
        Files.writeString(folder.resolve("CoLA/dev.tsv"), "x\t1\t\tWell made.\n");
        DataException e = assertThrows(DataException.class, () -> TaskReader.read(GlueTask.COLA.spec(), folder));
        assertEquals(
                folder.resolve("CoLA/train.tsv") + ", line 1: 2 columns (cells between tabs) where CoLA has 4",
                e.getMessage());
    }

    @Test
    void namesAnUnknownLabelAndTheKnownOnes() throws IOException {
        assertEquals(
                "DIR/train.txt, line 2: unknown label 'Yes'; mine knows no, yes",
                fault(SINGLE, "id\ttext\tmark\n1\ta\tYes\n"));
    }

    @Test
    void namesAMissingColumnWithASuggestion() throws IOException {
        assertEquals(
                "DIR/train.txt, line 1: the header has no column \"text\"; did you mean \"texts\"?; its columns are id, texts,"
                        + " mark",
                fault(SINGLE, GOOD.replace("text", "texts")));
        assertEquals(
                "DIR/train.txt, line 1: there is no column number 5 (counted from 0), the line has 3 columns",
                fault(spec(DataFormat.TSV, false, Column.at(5), Column.at(1)), GOOD));
    }

    @Test
    void refusesFilesWithoutRows() throws IOException {
        assertEquals("DIR/train.txt has no rows: the file is empty", fault(SINGLE, ""));
        assertEquals("DIR/train.txt has no rows: the file is empty", fault(SINGLE, "\uFEFF\n\n"));
        assertEquals("DIR/train.txt has no rows after its header line", fault(SINGLE, "id\ttext\tmark\n"));
    }

    @Test
    void refusesEmptyTextsAndEmptyLinesInTheMiddle() throws IOException {
        assertEquals(
                "DIR/train.txt, line 2: the text in column 'text' is empty",
                fault(SINGLE, "id\ttext\tmark\n1\t \tyes\n"));
        assertEquals(
                "DIR/train.txt, line 2: the line is empty; only lines at the end may be",
                fault(SINGLE, "id\ttext\tmark\n\n1\ta\tyes\n"));
    }

    @Test
    void namesTheLineAndByteThatIsNotUtf8() throws IOException {
        byte[] latin = "id\ttext\tmark\n1\tcaf\u00e9 bar\tyes\n".getBytes(StandardCharsets.ISO_8859_1);
        Files.write(folder.resolve("train.txt"), latin);
        Files.write(folder.resolve("dev.txt"), latin);
        DataException e = assertThrows(DataException.class, () -> TaskReader.read(SINGLE, folder));
        assertEquals(
                folder.resolve("train.txt")
                        + ", line 2: byte 0xE9 (at byte 18 of the file) is not UTF-8; convert the file, for example with iconv"
                        + " -t UTF-8",
                e.getMessage());
        byte[] cutOff = "id\ttext\tmark\n1\tcaf\u00e9".getBytes(StandardCharsets.UTF_8);
        Files.write(folder.resolve("train.txt"), Arrays.copyOf(cutOff, cutOff.length - 1));
        assertThrows(DataException.class, () -> TaskReader.read(SINGLE, folder));
    }

    @Test
    void namesTheLineOfBrokenCsvAndJson() throws IOException {
        TaskSpec csv = spec(DataFormat.CSV, false, Column.at(0), Column.at(1));
        String broken = fault(csv, "a,yes\n\"b\" c,no\n");
        assertEquals(
                "DIR/train.txt, line 2: breaks the rules of CSV: ", broken.substring(0, broken.indexOf("CSV: ") + 5));
        TaskSpec json = TaskSpec.of(
                "mine",
                DataFormat.JSONL,
                "train.txt",
                "dev.txt",
                false,
                Column.named("text"),
                null,
                Column.named("mark"),
                List.of("no", "yes"));
        String row = "{\"text\":\"a\",\"mark\":\"yes\"}\n";
        assertEquals(
                "DIR/train.txt, line 2: holds a JSON array where an object ({...}) is needed",
                fault(json, row + "[1]\n"));
        assertEquals(
                "DIR/train.txt, line 2: has no member 'mark'; its members are text",
                fault(json, row + "{\"text\":\"a\"}\n"));
        assertEquals(
                "DIR/train.txt, line 2: member 'text' is a JSON null where a string, a number or a boolean is needed",
                fault(json, row + "{\"text\":null,\"mark\":\"yes\"}\n"));
        assertEquals(
                "DIR/train.txt, line 2: is not one JSON value",
                fault(json, row + "{\"text\":\n").substring(0, 44));
        assertEquals(
                "DIR/train.txt, line 2: is not one JSON value",
                fault(json, row + row.strip() + row).substring(0, 44));
        assertEquals(
                "DIR/train.txt, line 1: is not one JSON value",
                fault(json, "{\"text\":\"a\",\"text\":\"b\",\"mark\":\"yes\"}\n")
                        .substring(0, 44));
    }

    @Test
    void aTaskThatCannotBeIsRefusedByName() {
        assertEquals(
                "task 'mine' needs two or more labels, got [yes]",
                assertThrows(
                                DataException.class,
                                () -> TaskSpec.of(
                                        "mine",
                                        DataFormat.TSV,
                                        "t",
                                        "d",
                                        true,
                                        Column.named("a"),
                                        null,
                                        Column.named("b"),
                                        List.of("yes")))
                        .getMessage());
        assertEquals(
                "task 'mine' names the column 'text', but its files have no header line: give its index",
                assertThrows(DataException.class, () -> spec(DataFormat.CSV, false, Column.named("text"), Column.at(1)))
                        .getMessage());
        assertEquals(
                "task 'mine' uses the column number 1 (counted from 0) for text and label",
                assertThrows(DataException.class, () -> spec(DataFormat.CSV, false, Column.at(1), Column.at(1)))
                        .getMessage());
    }
}
