package io.lora4j.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GLUE's tasks by name, label order and layout, on rows made up here. */
class GlueTaskTest {
    private static final String ALL = "CoLA, SST-2, MRPC, STS-B, QQP, MNLI, QNLI, RTE, WNLI";
    private static final String MNLI_TEXTS =
            "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse"
                    + "\tsentence1_parse\tsentence2_parse\tsentence1\tsentence2";

    @TempDir
    Path folder;

    @Test
    void findsTasksWhateverTheSpelling() {
        assertEquals(GlueTask.COLA, GlueTask.find("cola"));
        assertEquals(GlueTask.SST_2, GlueTask.find("SST-2"));
        assertEquals(GlueTask.SST_2, GlueTask.find("sst2"));
        assertEquals(GlueTask.QNLI, GlueTask.find("Qnli"));
        for (String name : GlueTask.names()) {
            assertEquals(name, GlueTask.find(name).taskName());
        }
    }

    @Test
    void suggestsTheNearestName() {
        assertEquals(
                "there is no GLUE task \"mrcp\"; did you mean \"MRPC\"?; known tasks: " + ALL,
                assertThrows(DataException.class, () -> GlueTask.find("mrcp")).getMessage());
        assertEquals(
                "there is no GLUE task \"translation\"; known tasks: " + ALL,
                assertThrows(DataException.class, () -> GlueTask.find("translation"))
                        .getMessage());
    }

    @Test
    void qnliReadsMadeUpRowsWithEntailmentAsClassZero() throws IOException {
        Files.createDirectory(folder.resolve("QNLI"));
        String header = "index\tquestion\tsentence\tlabel\n";
        Files.writeString(
                folder.resolve("QNLI/train.tsv"),
                header + "0\tWho wrote it?\tIt was written by \"Ann\".\tentailment\n"
                        + "1\tWhen was that?\tNobody knows.\tnot_entailment\n");
        Files.writeString(folder.resolve("QNLI/dev.tsv"), header + "0\tWhy?\tBecause.\tnot_entailment\n");
        TaskData data = TaskReader.read(GlueTask.QNLI.spec(), folder);
        assertEquals(
                List.of(
                        new Example("Who wrote it?", "It was written by \"Ann\".", 0),
                        new Example("When was that?", "Nobody knows.", 1)),
                data.train());
        assertEquals(List.of("entailment", "not_entailment"), data.labels());
        assertEquals(List.of(new Example("Why?", "Because.", 1)), data.dev());
    }

    @Test
    void ranksColaByMatthewsAndMrpcByF1() {
        assertEquals(Metric.MATTHEWS, GlueTask.COLA.metrics().get(0));
        assertEquals(Metric.F1, GlueTask.MRPC.metrics().get(0));
        assertEquals(List.of(Metric.ACCURACY), GlueTask.RTE.metrics());
    }

    private void write(String file, String... lines) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, String.join("\n", lines) + "\n");
    }

    private static String mnliRow(int index, String first, String second, String more) {
        return index + "\t31193\t31193n\tgovernment\t( a )\t( b )\t(ROOT a)\t(ROOT b)\t" + first + "\t" + second + more;
    }

    @Test
    void mnliHasTwoDevFilesOfAnotherWidthAndThreeTests() throws IOException {
        write(
                "MNLI/train.tsv",
                MNLI_TEXTS + "\tlabel1\tgold_label",
                mnliRow(0, "It rains.", "It is wet.", "\tneutral\tneutral"),
                mnliRow(1, "It rains.", "It is dry.", "\tcontradiction\tcontradiction"));
        String dev = MNLI_TEXTS + "\tlabel1\tlabel2\tlabel3\tlabel4\tlabel5\tgold_label";
        // the annotators disagree: the gold label decides
        String votes = "\tneutral\tentailment\tentailment\tneutral\tentailment\tentailment";
        write("MNLI/dev_matched.tsv", dev, mnliRow(0, "Ann left.", "Ann went.", votes));
        write("MNLI/dev_mismatched.tsv", dev, mnliRow(0, "Bob left.", "Bob went.", votes));
        write("MNLI/test_matched.tsv", MNLI_TEXTS, mnliRow(0, "Eve left.", "Eve went.", ""));
        write("MNLI/test_mismatched.tsv", MNLI_TEXTS, mnliRow(0, "Zoe left.", "Zoe went.", ""));
        write("AX/diagnostic.tsv", "index\tsentence1\tsentence2", "0\tA cat sat.\tNo cat sat.");
        TaskSpec spec = GlueTask.MNLI.spec();
        TaskData data = TaskReader.read(spec, folder);
        assertEquals(
                List.of(new Example("It rains.", "It is wet.", 1), new Example("It rains.", "It is dry.", 2)),
                data.train());
        assertEquals(List.of("entailment", "neutral", "contradiction"), data.labels());
        assertEquals(List.of(new Example("Ann left.", "Ann went.", 0)), data.dev());
        assertEquals(List.of("MNLI/dev_matched.tsv", "MNLI/dev_mismatched.tsv"), GlueTask.MNLI.devFiles());
        assertEquals(
                List.of(new Example("Bob left.", "Bob went.", 0)),
                TaskReader.rows(spec, folder, GlueTask.MNLI.devFiles().get(1)));
        List<GlueTest> tests = GlueTest.of(GlueTask.MNLI);
        assertEquals(List.of(GlueTest.MNLI_M, GlueTest.MNLI_MM, GlueTest.AX), tests);
        assertEquals(
                List.of(new TestRow(0, "Eve left.", "Eve went.")), tests.get(0).read(folder));
        assertEquals(
                List.of(new TestRow(0, "Zoe left.", "Zoe went.")), tests.get(1).read(folder));
        assertEquals(
                List.of(new TestRow(0, "A cat sat.", "No cat sat.")),
                tests.get(2).read(folder));
    }

    @Test
    void qqpLeavesOutRowsThatLackCellsOrTexts() throws IOException {
        String header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate";
        write(
                "QQP/train.tsv",
                header,
                "7\t1\t2\tHow old is \"she\"?\tWhat is her age?\t1",
                "8\t3\t4\tWho is broken?",
                "9\t5\t6\tWhy?\tWhere?\t0");
        write("QQP/dev.tsv", header, "1\t1\t2\tA?\tB?\t0", "2\t1\t2\tA?\t\t0");
        write("QQP/test.tsv", "id\tquestion1\tquestion2", "0\tIs it?\tWas it?", "1\tSo?\t");
        TaskData data = TaskReader.read(GlueTask.QQP.spec(), folder);
        assertEquals(
                List.of(new Example("How old is \"she\"?", "What is her age?", 1), new Example("Why?", "Where?", 0)),
                data.train());
        assertEquals(List.of(new Example("A?", "B?", 0)), data.dev());
        assertEquals(
                List.of(new TestRow(0, "Is it?", "Was it?"), new TestRow(1, "So?", "")), GlueTest.QQP.read(folder));
        write("QQP/dev.tsv", header, "1\t1\t2\tA?\tB?\t0", "2\tA?", "3\tB?");
        String message = assertThrows(DataException.class, () -> TaskReader.read(GlueTask.QQP.spec(), folder))
                .getMessage();
        assertEquals(
                folder.resolve("QQP/dev.tsv")
                        + " has 2 rows that lack cells or texts, and 1 good ones: this is not the published file of QQP",
                message);
    }

    @Test
    void onlyQqpIsForgiven() throws IOException {
        write("RTE/train.tsv", "index\tsentence1\tsentence2\tlabel", "0\tA.\tB.\tentailment", "1\tA.");
        write("RTE/dev.tsv", "index\tsentence1\tsentence2\tlabel", "0\tA.\tB.\tentailment");
        assertThrows(DataException.class, () -> TaskReader.read(GlueTask.RTE.spec(), folder));
    }

    @Test
    void stsBHasScoresInPlaceOfClasses() throws IOException {
        String header = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore";
        String start = "0\tmain-captions\tMSRvid\t2012test\t0001\tnone\tnone\tA dog runs.\tA dog is running.\t";
        write("STS-B/train.tsv", header, start + "4.750");
        write("STS-B/dev.tsv", header, start + "0.000", start + "5");
        TaskData data = TaskReader.read(GlueTask.STS_B.spec(), folder);
        assertEquals(List.of(new Example("A dog runs.", "A dog is running.", new Target.Score(4.75))), data.train());
        assertEquals(5.0, data.dev().get(1).target().score());
        assertEquals(List.of(), data.labels());
        assertThrows(IllegalStateException.class, () -> data.labelCounts(data.dev()));
        for (String wrong : List.of("5.001", "-1", "NaN", "four", "0x1", "")) {
            write("STS-B/dev.tsv", header, start + wrong);
            assertEquals(
                    folder.resolve("STS-B/dev.tsv") + ", line 2: the score '" + wrong
                            + "' is no number from 0.0 to 5.0",
                    assertThrows(DataException.class, () -> TaskReader.read(GlueTask.STS_B.spec(), folder))
                            .getMessage());
        }
    }

    @Test
    void testFilesWithAMissingOrRepeatedIndexAreRefused() throws IOException {
        for (String index : List.of("0", "x", "")) {
            write("CoLA/test.tsv", "index\tsentence", "0\tBirds sing.", index + "\tSing birds.");
            assertEquals(
                    folder.resolve("CoLA/test.tsv") + ", line 3: the index '" + index
                            + "' is no number or stands there twice",
                    assertThrows(DataException.class, () -> GlueTest.COLA.read(folder))
                            .getMessage());
        }
        assertThrows(DataException.class, () -> GlueTest.AX.read(folder));
    }

    @Test
    void testsAreFoundByTheLeaderboardsNames() {
        assertEquals(GlueTest.MNLI_MM, GlueTest.find("mnli-mm"));
        assertEquals(GlueTest.AX, GlueTest.find("ax"));
        for (GlueTest test : GlueTest.values()) {
            assertEquals(test, GlueTest.find(test.testName()));
        }
        assertEquals(
                "there is no GLUE test \"colla\"; did you mean \"CoLA\"?; known tests: CoLA, SST-2, MRPC, STS-B, QQP, MNLI-m,"
                        + " MNLI-mm, QNLI, RTE, WNLI, AX",
                assertThrows(DataException.class, () -> GlueTest.find("colla")).getMessage());
    }

    @Test
    void predictionsHaveTheLeaderboardsWords() {
        assertEquals("1", GlueTest.MRPC.word(Target.of(1)));
        assertEquals("0", GlueTest.WNLI.word(Target.of(0)));
        assertEquals("not_entailment", GlueTest.QNLI.word(Target.of(1)));
        assertEquals("contradiction", GlueTest.AX.word(Target.of(2)));
        assertEquals("3.142", GlueTest.STS_B.word(new Target.Score(3.14159)));
        assertEquals("5.000", GlueTest.STS_B.word(new Target.Score(5.2)));
        assertEquals("0.000", GlueTest.STS_B.word(new Target.Score(-0.01)));
        assertThrows(IllegalArgumentException.class, () -> GlueTest.RTE.word(Target.of(2)));
        assertThrows(IllegalStateException.class, () -> GlueTest.RTE.word(new Target.Score(1)));
        assertThrows(IllegalStateException.class, () -> GlueTest.STS_B.word(Target.of(1)));
    }
}
