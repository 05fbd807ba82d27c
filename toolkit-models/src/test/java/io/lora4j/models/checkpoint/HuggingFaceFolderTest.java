package io.lora4j.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.FrozenWeights;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The tiny BERT saved by transformers loads into our names and orientation; anything that does not fit is listed at once. */
class HuggingFaceFolderTest {
    private static final Path TINY = Path.of("src/test/resources/golden/peft_fixture/tiny_bert_base");

    @TempDir
    Path folder = Path.of("");

    private final Map<String, INDArray> tensors = new LinkedHashMap<>();

    @BeforeEach
    void copyTheTinyModel() throws IOException {
        Files.copy(TINY.resolve("config.json"), folder.resolve("config.json"));
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        try (SafetensorsFile file = SafetensorsFile.open(TINY.resolve("model.safetensors"))) {
            for (String name : file.names()) {
                tensors.put(name, file.read(name, DataType.FLOAT));
            }
        }
    }

    private HuggingFaceFolder open() {
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
        return HuggingFaceFolder.open(folder);
    }

    private void rename(UnaryOperator<String> change) {
        Map<String, INDArray> renamed = new LinkedHashMap<>();
        tensors.forEach((name, array) -> renamed.put(change.apply(name), array));
        tensors.clear();
        tensors.putAll(renamed);
    }

    @Test
    void linearWeightsAreTransposedViewsAndTheRestIsAsStored() {
        FrozenWeights weights = open().weights(DataType.DOUBLE);
        assertEquals(tensors.keySet(), weights.names());
        INDArray stored = tensors.get("bert.encoder.layer.1.intermediate.dense.weight");
        INDArray weight = weights.get("bert.encoder.layer.1.intermediate.dense.weight");
        assertArrayEquals(new long[] {24, 16}, stored.shape());
        assertArrayEquals(new long[] {16, 24}, weight.shape());
        assertArrayEquals(new long[] {1, 16}, weight.stride());
        assertEquals('f', weight.ordering());
        assertEquals(DataType.DOUBLE, weight.dataType());
        assertEquals(stored.getDouble(23, 5), weight.getDouble(5, 23), 0.0);
        INDArray words = weights.get("bert.embeddings.word_embeddings.weight");
        assertArrayEquals(new long[] {32, 16}, words.shape());
        assertEquals('c', words.ordering());
        assertArrayEquals(
                new long[] {16}, weights.get("bert.embeddings.LayerNorm.weight").shape());
        assertArrayEquals(new long[] {16, 2}, weights.get("classifier.weight").shape());
    }

    @Test
    void namesWithoutPrefixAndInOldSpellingGiveTheSameWeights() {
        FrozenWeights expected = open().weights(DataType.FLOAT);
        tensors.remove("classifier.weight");
        tensors.remove("classifier.bias");
        rename(name -> name.substring("bert.".length())
                .replace("LayerNorm.weight", "LayerNorm.gamma")
                .replace("LayerNorm.bias", "LayerNorm.beta"));
        tensors.put("embeddings.position_ids", Nd4j.arange(16).castTo(DataType.INT64));
        tensors.put("cls.predictions.bias", Nd4j.ones(DataType.FLOAT, 32));
        FrozenWeights weights = open().weights(DataType.FLOAT);
        for (String name : weights.names()) {
            assertEquals(expected.get(name), weights.get(name), name);
        }
        assertEquals(expected.names().size() - 2, weights.names().size());
    }

    @Test
    void thePoolerMayBeAbsentButNotHalf() {
        tensors.remove("bert.pooler.dense.weight");
        FormatException e = assertThrows(FormatException.class, this::open);
        assertTrue(e.getMessage().contains("'pooler.dense.weight' [16, 16] is missing"), e.getMessage());
        tensors.remove("bert.pooler.dense.bias");
        assertFalse(open().weights(DataType.FLOAT).names().contains("bert.pooler.dense.weight"));
    }

    @Test
    void everythingThatDoesNotFitIsListedAtOnceWithOffsets() {
        tensors.remove("bert.encoder.layer.0.output.dense.bias");
        tensors.put("bert.encoder.layer.2.output.dense.bias", Nd4j.ones(DataType.FLOAT, 16));
        tensors.put("bert.embeddings.LayerNorm.bias", Nd4j.ones(DataType.FLOAT, 15));
        tensors.put("bert.embeddings.LayerNorm.weight", Nd4j.ones(DataType.INT32, 16));
        tensors.put("classifier.weight", Nd4j.ones(DataType.FLOAT, 3, 16));
        FormatException e = assertThrows(FormatException.class, this::open);
        String message = e.getMessage();
        assertTrue(message.startsWith(folder.resolve("model.safetensors") + ": "), message);
        assertTrue(message.contains("'encoder.layer.0.output.dense.bias' [16] is missing"), message);
        assertTrue(message.contains("'bert.encoder.layer.2.output.dense.bias' is not part of this encoder"), message);
        assertTrue(message.contains("'bert.embeddings.LayerNorm.bias' has shape [15] but must have [16]"), message);
        assertTrue(message.contains("'bert.embeddings.LayerNorm.weight' has type I32 but must be F64"), message);
        assertTrue(message.contains("'classifier.weight' has shape [3, 16] but must have [2, 16]"), message);
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            TensorInfo wrong = file.find("classifier.weight");
            assertTrue(wrong != null && message.contains("(at byte " + wrong.offset() + ")"), message);
        }
        assertTrue(e.offset().isPresent());
    }

    @Test
    void anArrayUnderTwoNamesIsRefused() {
        tensors.put("pooler.dense.bias", Nd4j.ones(DataType.FLOAT, 16));
        FormatException e = assertThrows(FormatException.class, this::open);
        assertTrue(e.getMessage().contains("is the same array as"), e.getMessage());
    }

    @Test
    void aTruncatedFileNamesFileTensorAndOffset() throws IOException {
        open();
        Path path = folder.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(path);
        Files.write(path, java.util.Arrays.copyOf(bytes, bytes.length - 10));
        FormatException e = assertThrows(FormatException.class, () -> HuggingFaceFolder.open(folder));
        assertTrue(e.getMessage().startsWith(path + ": tensor '"), e.getMessage());
        assertEquals(bytes.length - 10, e.offset().orElse(-1));
    }

    @Test
    void missingFilesAndWrongSizesAreNamed() throws IOException {
        open();
        Files.delete(folder.resolve("tokenizer.json"));
        UserException missing = assertThrows(UserException.class, () -> HuggingFaceFolder.open(folder));
        assertTrue(missing.getMessage().contains("has no tokenizer.json"), missing.getMessage());
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        Files.writeString(folder.resolve("config.json"), "{\"vocab_size\": 32, \"vocab_size\": 33}");
        FormatException twice = assertThrows(FormatException.class, () -> HuggingFaceFolder.open(folder));
        assertTrue(twice.getMessage().contains("uplicate"), twice.getMessage());
    }
}
