package io.lora4j.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real GLUE files, read in place: their terms do not allow copies. Counts are those of the published splits (GLUE's own
 * data statement and, for the labels, the {@code glue} data set on the Hugging Face hub).
 */
class GlueFilesTest {
    private static final Map<GlueTest, Integer> ROWS = Map.of(
            GlueTest.COLA,
            1063,
            GlueTest.SST_2,
            1821,
            GlueTest.MRPC,
            1725,
            GlueTest.STS_B,
            1379,
            GlueTest.QNLI,
            5463,
            GlueTest.RTE,
            3000,
            GlueTest.WNLI,
            146,
            GlueTest.AX,
            1104);

    private static Path glue;

    @TempDir
    Path folder;

    @BeforeAll
    static void findFiles() {
        String folder = System.getenv("LORA4J_GLUE");
        assumeTrue(
                folder != null, "set LORA4J_GLUE to a folder with CoLA, SST-2, MRPC, RTE, QNLI and WNLI to run this");
        glue = Path.of(folder);
    }

    private static TaskData counts(GlueTask task, int train, int dev, int... devLabels) {
        TaskData data = TaskReader.read(task.spec(), glue);
        assertEquals(train, data.train().size());
        assertEquals(dev, data.dev().size());
        assertArrayEquals(devLabels, data.labelCounts(data.dev()));
        return data;
    }

    @Test
    void cola() {
        TaskData data = counts(GlueTask.COLA, 8551, 1043, 322, 721);
        assertArrayEquals(new int[] {2528, 6023}, data.labelCounts(data.train()));
    }

    @Test
    void sst2() {
        TaskData data = counts(GlueTask.SST_2, 67349, 872, 428, 444);
        assertArrayEquals(new int[] {29780, 37569}, data.labelCounts(data.train()));
    }

    @Test
    void mrpcWithItsByteOrderMarkAndQuotes() throws IOException {
        TaskData data = counts(GlueTask.MRPC, 3668, 408, 129, 279);
        assertArrayEquals(new int[] {1194, 2474}, data.labelCounts(data.train()));
        byte[] start = Files.readAllBytes(glue.resolve("MRPC/dev.tsv"));
        assertArrayEquals(new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}, Arrays.copyOf(start, 3));
        // counted with another program: rows that a reader of quotes would run past
        long odd = data.train().stream()
                .filter(row -> (row.textA() + row.textB())
                                        .chars()
                                        .filter(c -> c == '"')
                                        .count()
                                % 2
                        == 1)
                .count();
        assertEquals(169, odd);
    }

    @Test
    void rte() {
        TaskData data = counts(GlueTask.RTE, 2490, 277, 146, 131);
        assertArrayEquals(new int[] {1249, 1241}, data.labelCounts(data.train()));
    }

    @Test
    void wnli() {
        TaskData data = counts(GlueTask.WNLI, 635, 71, 40, 31);
        assertArrayEquals(new int[] {323, 312}, data.labelCounts(data.train()));
    }

    @Test
    void qnliDevWithoutItsByteOrderMarks() throws IOException {
        Files.createDirectory(folder.resolve("QNLI"));
        Files.writeString(
                folder.resolve("QNLI/train.tsv"), "index\tquestion\tsentence\tlabel\n0\tWhy?\tSo.\tentailment\n");
        Path dev = glue.resolve("QNLI/dev.tsv");
        Files.copy(dev, folder.resolve("QNLI/dev.tsv"));
        TaskData data = TaskReader.read(GlueTask.QNLI.spec(), folder);
        assertEquals(5463, data.dev().size());
        assertArrayEquals(new int[] {2702, 2761}, data.labelCounts(data.dev()));
        assertEquals(3, Files.readString(dev).chars().filter(c -> c == '\uFEFF').count(), "the file has the marks");
        Example marked = data.dev().get(60);
        assertFalse((marked.textA() + marked.textB()).contains("\uFEFF"));
        assertTrue(marked.textB() != null && marked.textB().endsWith("9.317."), "the row around them is whole");
        assertEquals(List.of(0), List.of(marked.label()));
    }

    @Test
    void stsB() {
        TaskData data = TaskReader.read(GlueTask.STS_B.spec(), glue);
        assertEquals(5749, data.train().size());
        assertEquals(1500, data.dev().size());
        assertEquals(5.0, data.dev().get(0).target().score());
        assertEquals(4.75, data.dev().get(1).target().score());
    }

    @Test
    void testFilesHaveThePublishedRowsWithIndicesFrom0() {
        for (GlueTest test : GlueTest.values()) {
            if (ROWS.containsKey(test)) {
                List<TestRow> rows = test.read(glue);
                assertEquals(ROWS.get(test), rows.size(), test.testName());
                for (int i = 0; i < rows.size(); i++) {
                    assertEquals(i, rows.get(i).index());
                }
            }
        }
    }

    @Test
    void everyFileHereIsThePublishedOne() {
        List<GlueCheck.Result> results = GlueCheck.check(glue, GlueFiles.all());
        assertEquals(30, results.size());
        for (GlueCheck.Result result : results) {
            GlueFile known = result.known();
            if (result.state() != GlueCheck.State.MISSING) {
                assertEquals(GlueCheck.State.FINE, result.state(), known.file());
                assertEquals(known.rows(), result.rows(), known.file());
            }
        }
        assertEquals(
                21,
                results.stream()
                        .filter(result -> result.state() == GlueCheck.State.FINE)
                        .count());
    }

    @Test
    void aReportHasScoresInPlaceOfLabels() {
        DataReport report = DataReport.of("sts_b", glue, 1);
        assertEquals("STS-B", report.task());
        DataSummary dev = report.parts().get(1).summary();
        // cut -f10 dev.tsv | tail -n +2 | sort -n, lines 1, 375, 750, 1125 and 1500
        assertEquals(List.of(0.0, 1.0, 2.5, 3.6, 5.0), dev == null ? List.of() : dev.scores());
        assertEquals(
                List.of(new DataReport.Sample(
                        "A man with a hard hat is dancing.", "A man wearing a hard hat is dancing.", "5.0")),
                report.parts().get(1).examples());
    }
}
