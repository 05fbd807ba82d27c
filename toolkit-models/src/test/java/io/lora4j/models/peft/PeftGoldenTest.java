package io.lora4j.models.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.models.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Adapters that PEFT 0.21.0 wrote compute here what they compute there, merge to the same weights, and are written back unchanged. */
@Tag("golden")
class PeftGoldenTest {
    @TempDir
    Path folder = Path.of("");

    private static AdaptedModel model(Path adapter) {
        return PeftModel.of(
                TinyPeft.classifier(DataType.FLOAT),
                TinyPeft.base(DataType.FLOAT),
                PeftAdapterReader.read(adapter, DataType.FLOAT));
    }

    private static void assertLogits(String name, AdaptedModel model) {
        String known = name.equals("tiny_bert_min_config") ? "tiny_bert_qv_r4" : name;
        JsonNode logits = TinyPeft.expected(known).get("logits");
        INDArray probabilities =
                model.graph().outputSingle(false, TinyPeft.batch().getFeatures());
        for (int i = 0; i < 2; i++) {
            double expected =
                    logits.get(i).get(0).asDouble() - logits.get(i).get(1).asDouble();
            double actual = Math.log(probabilities.getDouble(i, 0)) - Math.log(probabilities.getDouble(i, 1));
            assertEquals(expected, actual, 1e-5, name + ", text " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tiny_bert_qv_r4",
                "tiny_bert_min_config",
                "tiny_bert_all_linear_rslora_patterns",
                "tiny_bert_qv_dora",
                "tiny_bert_qv_bias_lora_only"
            })
    void logitsAreTheSameAndTheFileIsWrittenBack(String name) throws IOException {
        Path adapter = TinyPeft.GOLDEN.resolve(name);
        AdaptedModel model = model(adapter);
        assertLogits(name, model);

        PeftAdapter read = PeftAdapterReader.read(adapter, DataType.FLOAT);
        PeftAdapterWriter.write(folder, read, "tiny_bert_base", Map.of());
        try (SafetensorsFile theirs = SafetensorsFile.open(adapter.resolve(PeftAdapterWriter.WEIGHTS));
                SafetensorsFile ours = SafetensorsFile.open(folder.resolve(PeftAdapterWriter.WEIGHTS))) {
            assertEquals(new TreeSet<>(theirs.names()), new TreeSet<>(ours.names()));
            theirs.names()
                    .forEach(tensor -> assertEquals(
                            theirs.read(tensor, DataType.FLOAT), ours.read(tensor, DataType.FLOAT), tensor));
        }
        assertLogits(name, model(folder));
        Path forPeft = Path.of("target", "peft-check-golden", name);
        Files.createDirectories(forPeft);
        PeftAdapterWriter.write(forPeft, read, "tiny_bert_base", Map.of("written_back", name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny_bert_qv_r4", "tiny_bert_all_linear_rslora_patterns", "tiny_bert_qv_dora"})
    void mergedWeightsAreTheSame(String name) {
        Path adapter = TinyPeft.GOLDEN.resolve(name);
        AdaptedModel model = model(adapter);
        assertTrue(model.adapters().size() >= 4);
        try (SafetensorsFile merged = SafetensorsFile.open(adapter.resolve("merged_expected.safetensors"))) {
            model.adapters().forEach((layer, lora) -> {
                String tensor = layer + ".weight";
                assertNotNull(merged.find(tensor), tensor);
                INDArray expected = merged.read(tensor, DataType.FLOAT).transpose();
                double difference =
                        expected.sub(lora.mergedWeight()).amaxNumber().doubleValue();
                assertEquals(0, difference, 2e-6, tensor);
            });
        }
    }
}
