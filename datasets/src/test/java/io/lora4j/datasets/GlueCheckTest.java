package io.lora4j.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files against what is known, on files made up here, and what a report says about them. */
class GlueCheckTest {
    @TempDir
    Path folder;

    private Path write(String file, String content) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, content);
    }

    private GlueCheck.State state(GlueFile file) {
        return GlueCheck.check(folder, List.of(file)).get(0).state();
    }

    @Test
    void aChecksumDecidesWhereThereIsOne() throws IOException {
        write("RTE/dev.tsv", "abc");
        // FIPS 180-4's own example: SHA-256 of "abc"
        String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        GlueFile fine = new GlueFile("RTE", GlueFile.Split.DEV, "RTE/dev.tsv", 0, abc);
        assertEquals(GlueCheck.State.FINE, state(fine));
        write("RTE/dev.tsv", "abd");
        assertEquals(GlueCheck.State.CHANGED, state(fine));
        Files.delete(folder.resolve("RTE/dev.tsv"));
        assertEquals(GlueCheck.State.MISSING, state(fine));
        assertNull(GlueCheck.check(folder, List.of(fine)).get(0).sha256());
    }

    @Test
    void elseTheRowsDo() throws IOException {
        GlueFile three = new GlueFile("MNLI", GlueFile.Split.DEV, "MNLI/dev_matched.tsv", 3, null);
        for (String good : List.of("head\na\nb\nc\n", "head\na\nb\nc", "head\r\na\r\nb\r\nc\r\n\r\n")) {
            write("MNLI/dev_matched.tsv", good);
            assertEquals(GlueCheck.State.ROWS_FINE, state(three));
            assertEquals(3, GlueCheck.check(folder, List.of(three)).get(0).rows());
        }
        write("MNLI/dev_matched.tsv", "head\na\nb\n");
        assertEquals(GlueCheck.State.CHANGED, state(three));
    }

    @Test
    void programsDisagreeOnQqpByAFewRows() throws IOException {
        GlueFile twenty = new GlueFile("QQP", GlueFile.Split.TRAIN, "QQP/train.tsv", 20, null);
        write("QQP/train.tsv", "head\n" + "a\n".repeat(23));
        assertEquals(GlueCheck.State.ROWS_FINE, state(twenty));
        write("QQP/train.tsv", "head\n" + "a\n".repeat(9));
        assertEquals(GlueCheck.State.CHANGED, state(twenty));
    }

    @Test
    void colasLabelledFilesHaveNoHeader() throws IOException {
        write("CoLA/dev.tsv", "s\t1\t\tBirds sing.\n");
        write("CoLA/test.tsv", "index\tsentence\n0\tSing birds.\n");
        List<GlueCheck.Result> results = GlueCheck.check(folder, GlueFiles.of("cola"));
        assertEquals(
                List.of(0L, 1L, 1L),
                results.stream().map(GlueCheck.Result::rows).toList());
    }

    @Test
    void aMissingFolderIsSaid() {
        assertThrows(DataException.class, () -> GlueCheck.check(folder.resolve("no"), GlueFiles.all()));
    }

    @Test
    void everythingThatHasFilesHasAName() {
        assertEquals(
                List.of("CoLA", "SST-2", "MRPC", "STS-B", "QQP", "MNLI", "QNLI", "RTE", "WNLI", "AX"),
                GlueFiles.names());
        assertEquals(5, GlueFiles.of("mnli").size());
        assertEquals("AX/diagnostic.tsv", GlueFiles.of("ax").get(0).file());
        assertThrows(DataException.class, () -> GlueFiles.of("axe"));
        for (GlueTask task : GlueTask.values()) {
            List<String> files =
                    GlueFiles.of(task.taskName()).stream().map(GlueFile::file).toList();
            assertEquals(true, files.contains(task.spec().trainFile()) && files.containsAll(task.devFiles()));
        }
        for (GlueTest test : GlueTest.values()) {
            assertEquals(
                    true, GlueFiles.all().stream().anyMatch(file -> file.file().equals(test.file())));
        }
    }

    @Test
    void aReportCountsLabelsAndWords() throws IOException {
        String header = "index\tsentence1\tsentence2\tlabel\n";
        write(
                "RTE/train.tsv",
                header + "0\tA b c.\tD  e\tentailment\n1\tA\tB\tnot_entailment\n2\tA b c d e\tF g h\tentailment\n");
        write("RTE/test.tsv", "index\tsentence1\tsentence2\n0\tA b\tC\n");
        DataReport report = DataReport.of("rte", folder, 1);
        assertEquals("RTE", report.task());
        DataReport.Part train = report.parts().get(0);
        // 5, 2 and 8 words
        assertEquals(
                new DataSummary(
                        3,
                        Map.of("entailment", 2, "not_entailment", 1),
                        List.of(),
                        new DataSummary.Lengths(
                                5.0, 5, 8, List.of(new DataSummary.Bin(1, 5, 2), new DataSummary.Bin(6, 10, 1)))),
                train.summary());
        assertEquals(List.of(new DataReport.Sample("A b c.", "D  e", "entailment")), train.examples());
        assertNull(report.parts().get(1).summary(), "there is no dev file");
        assertEquals(
                List.of(new DataReport.Sample("A b", "C", null)),
                report.parts().get(2).examples());
    }

    @Test
    void aReportOfNothingIsRefused() {
        assertEquals(
                "there is no "
                        + folder.resolve("CoLA/train.tsv").toAbsolutePath().normalize()
                        + ", and none of the other files of CoLA: give the folder that has them with --data-dir DIR",
                assertThrows(DataException.class, () -> DataReport.of("cola", folder, 1))
                        .getMessage());
        assertThrows(DataException.class, () -> DataReport.of("cola", null, 1));
        assertThrows(DataException.class, () -> DataReport.of("kola", folder, 1));
    }

    @Test
    void aBundledTaskNeedsNoFolder() {
        DataReport report = DataReport.of("paraphrase", null, 2);
        assertEquals(2, report.parts().size());
        assertEquals(2, report.parts().get(0).examples().size());
    }
}
