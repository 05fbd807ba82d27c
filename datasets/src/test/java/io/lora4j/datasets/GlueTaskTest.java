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
                "there is no GLUE task \"mrcp\"; did you mean \"MRPC\"?; known tasks: CoLA, SST-2, MRPC, RTE, QNLI, WNLI",
                assertThrows(DataException.class, () -> GlueTask.find("mrcp")).getMessage());
        assertEquals(
                "there is no GLUE task \"translation\"; known tasks: CoLA, SST-2, MRPC, RTE, QNLI, WNLI",
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
}
