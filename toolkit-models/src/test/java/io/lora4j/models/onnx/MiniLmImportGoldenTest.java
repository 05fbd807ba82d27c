package io.lora4j.models.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.checkpoint.TensorInfo;
import io.lora4j.models.source.InMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The real model out of the Maven artifact: every weight where a Python script, which names them another way, finds it. */
@Tag("golden")
class MiniLmImportGoldenTest {
    @TempDir
    static Path folder = Path.of("");

    @BeforeAll
    static void importModel() throws IOException {
        OnnxBertImporter.importModel(
                InMemory.resource("/all-minilm-l6-v2.onnx"),
                InMemory.resource("/all-minilm-l6-v2-tokenizer.json"),
                folder);
    }

    @Test
    void theConfigurationIsTheModels() {
        // as published with the model (huggingface.co/sentence-transformers/all-MiniLM-L6-v2, config.json)
        JsonNode config = JsonFiles.read(folder.resolve("config.json"));
        assertEquals("BertModel", config.get("architectures").get(0).asText());
        assertEquals("bert", config.get("model_type").asText());
        assertEquals("gelu", config.get("hidden_act").asText());
        assertEquals(384, config.get("hidden_size").asInt());
        assertEquals(1536, config.get("intermediate_size").asInt());
        assertEquals(1e-12, config.get("layer_norm_eps").asDouble(), 0.0);
        assertEquals(512, config.get("max_position_embeddings").asInt());
        assertEquals(12, config.get("num_attention_heads").asInt());
        assertEquals(6, config.get("num_hidden_layers").asInt());
        assertEquals(2, config.get("type_vocab_size").asInt());
        assertEquals(30522, config.get("vocab_size").asInt());
        assertEquals(0.1, config.get("hidden_dropout_prob").asDouble(), 0.0);
    }

    @Test
    void everyWeightIsInItsPlace() throws IOException {
        JsonNode expected = new ObjectMapper()
                .readTree(Path.of("src/test/resources/golden/onnx/all-minilm-l6-v2-tensors.json")
                        .toFile());
        HuggingFaceFolder.open(folder);
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            assertEquals(103, expected.size());
            assertEquals(103, file.names().size());
            Iterator<Map.Entry<String, JsonNode>> all = expected.fields();
            while (all.hasNext()) {
                Map.Entry<String, JsonNode> e = all.next();
                check(file, e.getKey(), e.getValue());
            }
        }
    }

    private static void check(SafetensorsFile file, String name, JsonNode expected) {
        TensorInfo info = file.find(name);
        assertNotNull(info, name);
        assertEquals(expected.get("shape").toString(), info.shape().toString().replace(" ", ""), name);
        INDArray values = file.read(name, DataType.FLOAT).ravel();
        for (int i = 0; i < 4; i++) {
            long at = expected.get("at").get(i).asLong();
            assertEquals(expected.get("values").get(i).asDouble(), values.getDouble(at), 0.0, name + " " + at);
        }
        double sum = expected.get("sum").asDouble();
        double actual = values.castTo(DataType.DOUBLE).sumNumber().doubleValue();
        assertEquals(sum, actual, 1e-8 * Math.max(1, Math.abs(sum)), name);
    }
}
