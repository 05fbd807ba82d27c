package io.lora4j.recipes.submission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lora4j.datasets.GlueTest;
import io.lora4j.datasets.Target;
import io.lora4j.datasets.TestRow;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prediction files to the byte, under the names that the leaderboard asks for. */
class GlueSubmissionTest {
    private static final List<TestRow> TWO = List.of(new TestRow(0, "a", "b"), new TestRow(1, "c", "d"));

    @TempDir
    Path folder;

    private String written(GlueTest test, Target first, Target second) throws IOException {
        return Files.readString(GlueSubmission.write(folder, test, TWO, List.of(first, second)));
    }

    @Test
    void everyTaskHasItsWords() throws IOException {
        String binary = "index\tprediction\n0\t1\n1\t0\n";
        for (GlueTest test : List.of(GlueTest.COLA, GlueTest.SST_2, GlueTest.MRPC, GlueTest.QQP, GlueTest.WNLI)) {
            assertEquals(binary, written(test, Target.of(1), Target.of(0)), test.testName());
        }
        String entails = "index\tprediction\n0\tnot_entailment\n1\tentailment\n";
        for (GlueTest test : List.of(GlueTest.QNLI, GlueTest.RTE)) {
            assertEquals(entails, written(test, Target.of(1), Target.of(0)), test.testName());
        }
        String three = "index\tprediction\n0\tcontradiction\n1\tneutral\n";
        for (GlueTest test : List.of(GlueTest.MNLI_M, GlueTest.MNLI_MM, GlueTest.AX)) {
            assertEquals(three, written(test, Target.of(2), Target.of(1)), test.testName());
        }
        assertEquals(
                "index\tprediction\n0\t5.000\n1\t2.346\n",
                written(GlueTest.STS_B, new Target.Score(5.4), new Target.Score(2.3456)));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    List.of(
                            "AX.tsv",
                            "CoLA.tsv",
                            "MNLI-m.tsv",
                            "MNLI-mm.tsv",
                            "MRPC.tsv",
                            "QNLI.tsv",
                            "QQP.tsv",
                            "RTE.tsv",
                            "SST-2.tsv",
                            "STS-B.tsv",
                            "WNLI.tsv"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(List.of(), GlueSubmission.missing(folder));
        Files.delete(folder.resolve("MNLI-m.tsv"));
        assertEquals(List.of("MNLI-m.tsv"), GlueSubmission.missing(folder));
    }

    @Test
    void theFilesOwnIndexIsWritten() throws IOException {
        List<TestRow> rows = List.of(new TestRow(7, "a", null), new TestRow(3, "b", null));
        Path file = GlueSubmission.write(
                folder.resolve("new/sub"), GlueTest.COLA, rows, List.of(Target.of(0), Target.of(1)));
        assertEquals("index\tprediction\n7\t0\n3\t1\n", Files.readString(file));
    }

    @Test
    void aFailureLeavesTheOldFile() throws IOException {
        String old = written(GlueTest.RTE, Target.of(0), Target.of(1));
        List<Target> short1 = new ArrayList<>(List.of(Target.of(0)));
        assertThrows(IllegalArgumentException.class, () -> GlueSubmission.write(folder, GlueTest.RTE, TWO, short1));
        assertThrows(IllegalArgumentException.class, () -> written(GlueTest.RTE, Target.of(0), Target.of(2)));
        assertEquals(old, Files.readString(folder.resolve("RTE.tsv")));
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThrows(
                UserException.class,
                () -> GlueSubmission.write(file, GlueTest.RTE, TWO, List.of(Target.of(0), Target.of(1))));
    }
}
