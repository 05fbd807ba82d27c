package io.lora4j.models.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.classify.MergedFolder;
import io.lora4j.models.classify.TextClassifier;
import io.lora4j.models.classify.TextPair;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.peft.PeftAdapterWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An adapter whose head says one number: in every format, read back, with the same numbers. */
class RegressionExportTest {
    @TempDir
    private Path folder;

    private LoadedAdapter adapter;

    @BeforeEach
    void makeAdapter() throws IOException {
        adapter = ExportFixtures.adapter(
                ExportFixtures.model(ExportFixtures.tinyBert(), folder.resolve("base"), ""), Pooling.CLS, List.of());
    }

    private int[][][] batch() {
        return ExportFixtures.batch(adapter.base().config(), 3, 7, 7, 6, 5, 1, 2);
    }

    private float[][] expected() {
        float[][] numbers = ExportFixtures.logits(adapter.adapted().graph(), batch());
        assertEquals(1, numbers[0].length);
        assertTrue(Math.abs(numbers[0][0] - numbers[1][0]) > 1e-3, "not all the same");
        return numbers;
    }

    private static void assertSame(float[][] expected, float[][] actual) {
        assertEquals(expected.length, actual.length);
        for (int row = 0; row < expected.length; row++) {
            assertArrayEquals(expected[row], actual[row], 1e-4f, "text " + row);
        }
    }

    private INDArray[] features() {
        int[][][] batch = batch();
        return new INDArray[] {
            Nd4j.createFromArray(batch[0]), Nd4j.createFromArray(batch[1]), Nd4j.createFromArray(batch[2])
        };
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void aMergedFolderIsARegressionToTransformersAndToUs() throws IOException {
        Path merged = folder.resolve("merged");
        ExportCheck check = HuggingFaceExport.write(adapter, merged);
        assertTrue(check.difference() < 1e-4, check.description());
        JsonNode config = json(merged.resolve("config.json"));
        assertEquals("regression", config.path("problem_type").asText());
        assertEquals(1, config.path("num_labels").asInt());
        assertEquals("{\"0\":\"LABEL_0\"}", config.path("id2label").toString());
        MergedFolder again = MergedFolder.read(merged);
        assertEquals(List.of(), again.labels());
        assertSame(
                expected(),
                again.model().graph().outputSingle(false, features()).toFloatMatrix());

        Files.writeString(
                merged.resolve("config.json"),
                config.toString().replace("\"regression\"", "\"multi_label_classification\""));
        String message = assertThrows(UserException.class, () -> MergedFolder.read(merged))
                .getMessage();
        assertTrue(String.valueOf(message).contains("multi_label_classification"), message);
    }

    @Test
    void onnxRuntimeGivesTheSameNumbers() throws Exception {
        Path file = folder.resolve("model.onnx");
        OnnxExport.write(adapter, file);
        try (OrtClassifier onnx = new OrtClassifier(file)) {
            assertSame(expected(), onnx.logits(batch()));
            assertEquals(
                    "regression",
                    onnx.session().getMetadata().getCustomMetadata().get("problem_type"));
        }
    }

    @Test
    void aDl4jFileGivesTheSameNumbers() throws IOException {
        Path file = folder.resolve("model.zip");
        ExportCheck check = Dl4jExport.write(adapter, file);
        assertTrue(check.difference() < 1e-4, check.description());
        assertSame(
                expected(),
                ModelSerializer.restoreComputationGraph(file.toFile(), false)
                        .outputSingle(false, features())
                        .toFloatMatrix());
    }

    @Test
    void peftsFilesHaveAHeadOfOneRowAndSayWhatItIs() throws IOException {
        Path written = folder.resolve("adapter");
        PeftAdapterWriter.write(written, adapter.adapter(), adapter.base().name(), adapter.provenance());
        try (SafetensorsFile file = SafetensorsFile.open(written.resolve(PeftAdapterWriter.WEIGHTS))) {
            INDArray head = file.read("base_model.model.classifier.weight", DataType.FLOAT);
            assertArrayEquals(new long[] {1, adapter.base().config().hiddenSize()}, head.shape());
            INDArray bias = file.read("base_model.model.classifier.bias", DataType.FLOAT);
            assertEquals(1, bias.length());
        }
        JsonNode config = json(written.resolve(PeftAdapterWriter.CONFIG));
        assertEquals("SEQ_CLS", config.path("task_type").asText());
        assertEquals(
                "regression",
                json(written.resolve(PeftAdapterWriter.PROVENANCE))
                        .path("problem_type")
                        .asText());

        LoadedAdapter again = LoadedAdapter.read(new ModelStore(folder.resolve("home")), null, written);
        assertTrue(again.regression());
        assertSame(
                expected(),
                again.merged().graph().outputSingle(false, features()).toFloatMatrix());
    }

    @Test
    void aRegressionSaysNumbersAndAClassifierLabels() throws IOException {
        TextClassifier numbers = TextClassifier.of(adapter);
        assertTrue(numbers.regression());
        double[] scores = numbers.scoreAll(List.of(TextPair.of("a"), TextPair.of("a")));
        assertEquals(scores[0], scores[1], 1e-6);
        assertEquals(scores[0], numbers.score("a"), 1e-6);
        assertThrows(IllegalStateException.class, () -> numbers.predict("a"));
        TextClassifier labels = TextClassifier.of(ExportFixtures.adapter(adapter.base(), Pooling.CLS));
        assertThrows(IllegalStateException.class, () -> labels.score("a"));
        assertEquals(3, labels.predict("a").probabilities().size());
    }
}
