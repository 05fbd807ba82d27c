package io.lora4j.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Files written by Python's safetensors hold, read here, what Python reads out of them. */
@Tag("golden")
class SafetensorsGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "peft_fixture/tiny_bert_base/model.safetensors",
                "peft_fixture/tiny_bert_qv_r4/adapter_model.safetensors",
                "peft_fixture/tiny_bert_full_gradient_f64.safetensors",
                "safetensors/types.safetensors"
            })
    void readsWhatPythonReads(String name) throws IOException {
        JsonNode expected = new ObjectMapper()
                .readTree(GOLDEN.resolve("safetensors/values.json").toFile())
                .get(name);
        assertNotNull(expected);
        try (SafetensorsFile file = SafetensorsFile.open(GOLDEN.resolve(name))) {
            assertEquals(expected.get("tensors").size(), file.names().size());
            assertEquals(expected.get("metadata").size(), file.metadata().size());
            Iterator<Map.Entry<String, JsonNode>> tensors =
                    expected.get("tensors").fields();
            while (tensors.hasNext()) {
                Map.Entry<String, JsonNode> tensor = tensors.next();
                check(tensor.getValue(), file, tensor.getKey());
            }
        }
    }

    private static void check(JsonNode expected, SafetensorsFile file, String name) {
        TensorInfo info = file.find(name);
        assertNotNull(info, name);
        assertEquals(expected.get("dtype").asText(), info.type().name(), name);
        INDArray array = file.read(name, DataType.DOUBLE);
        assertArrayEquals(info.shapeArray(), array.shape(), name);
        JsonNode values = expected.get("values");
        double[] actual = array.isEmpty() ? new double[0] : array.ravel().toDoubleVector();
        for (int i = 0; i < values.size(); i++) {
            assertEquals(values.get(i).asDouble(), actual[i], 0.0, name + " element " + i);
        }
        double sum = 0;
        for (double v : actual) {
            sum += v;
        }
        assertEquals(expected.get("sum").asDouble(), sum, 1e-12 * Math.max(1, Math.abs(sum)), name);
    }

    @Test
    @SuppressWarnings("try") // the workspace is held, not used
    void convertsToTheRequestedTypeOutsideWorkspaces() {
        WorkspaceConfiguration configuration =
                WorkspaceConfiguration.builder().initialSize(1 << 20).build();
        INDArray array;
        try (SafetensorsFile file = SafetensorsFile.open(GOLDEN.resolve("safetensors/types.safetensors"));
                MemoryWorkspace workspace =
                        Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "READER_TEST")) {
            array = file.read("f16", DataType.FLOAT);
        }
        assertEquals(DataType.FLOAT, array.dataType());
        assertEquals('c', array.ordering());
        assertEquals(-2.5, array.getDouble(0, 3), 0.0);
        assertEquals(65504.0, array.getDouble(1, 0), 0.0);
    }

    @Test
    void unknownNameIsAProgrammersFault() {
        try (SafetensorsFile file = SafetensorsFile.open(GOLDEN.resolve("safetensors/types.safetensors"))) {
            assertThrows(IllegalArgumentException.class, () -> file.read("nothing", DataType.FLOAT));
        }
    }
}
