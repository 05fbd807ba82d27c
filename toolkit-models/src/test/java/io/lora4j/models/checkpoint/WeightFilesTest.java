package io.lora4j.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One file or shards give the same weights; an index leads nowhere but into its own folder; pickle files are never read. */
class WeightFilesTest {
    private static final Path TINY = Path.of("src/test/resources/golden/peft_fixture/tiny_bert_base");
    private static final String SHARD_1 = "model-00001-of-00002.safetensors";
    private static final String SHARD_2 = "model-00002-of-00002.safetensors";

    @TempDir
    Path folder = Path.of("");

    private void index(Map<String, String> shards) throws IOException {
        StringBuilder json = new StringBuilder("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {");
        String comma = "";
        for (Map.Entry<String, String> e : shards.entrySet()) {
            json.append(comma)
                    .append('"')
                    .append(e.getKey())
                    .append("\": \"")
                    .append(e.getValue())
                    .append('"');
            comma = ", ";
        }
        Files.writeString(folder.resolve("model.safetensors.index.json"), json + "}}", StandardCharsets.UTF_8);
    }

    private void shard(String file, String... names) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (String name : names) {
            tensors.put(name, Nd4j.ones(DataType.FLOAT, 2));
        }
        SafetensorsWriter.write(folder.resolve(file), tensors, Map.of());
    }

    @Test
    void shardsGiveTheWeightsOfTheWholeFile() throws IOException {
        Files.copy(TINY.resolve("config.json"), folder.resolve("config.json"));
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        Map<String, INDArray> first = new LinkedHashMap<>();
        Map<String, INDArray> second = new LinkedHashMap<>();
        Map<String, String> shards = new LinkedHashMap<>();
        try (SafetensorsFile whole = SafetensorsFile.open(TINY.resolve("model.safetensors"))) {
            for (String name : whole.names()) {
                boolean low = name.hashCode() % 2 == 0;
                (low ? first : second).put(name, whole.read(name, DataType.FLOAT));
                shards.put(name, low ? SHARD_1 : SHARD_2);
            }
        }
        assertFalse(first.isEmpty() || second.isEmpty());
        SafetensorsWriter.write(folder.resolve(SHARD_1), first, Map.of());
        SafetensorsWriter.write(folder.resolve(SHARD_2), second, Map.of());
        index(shards);
        HuggingFaceFolder open = HuggingFaceFolder.open(folder);
        var weights = open.weights(DataType.FLOAT);
        assertEquals(shards.size(), weights.names().size());
        assertEquals(
                List.of(folder.resolve(SHARD_1), folder.resolve(SHARD_2)), WeightFiles.paths(folder), "in name order");
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(
                    TINY.resolve(file),
                    Files.createDirectories(folder.resolve("whole")).resolve(file));
        }
        Files.writeString(folder.resolve("whole/tokenizer.json"), "{}");
        var expected = HuggingFaceFolder.open(folder.resolve("whole")).weights(DataType.FLOAT);
        for (String name : weights.names()) {
            assertEquals(expected.get(name).ordering(), weights.get(name).ordering(), name);
            assertEquals(expected.get(name), weights.get(name), name);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../other.safetensors",
                "/etc/model.safetensors",
                "..\\\\\\\\other.safetensors",
                "sub/model.safetensors",
                ".hidden.safetensors",
                "model.bin",
                "a\\u0000.safetensors",
                "C:model.safetensors"
            })
    void aShardIsAPlainFileName(String shard) throws IOException {
        index(Map.of("a", shard));
        FormatException e = assertThrows(FormatException.class, () -> WeightFiles.open(folder));
        assertEquals(folder.resolve("model.safetensors.index.json"), e.path());
        assertTrue(e.getMessage().contains("must be a plain file name"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    [1]                                  | not a JSON object
                    {}                                   | no weight_map
                    {"weight_map": {}}                   | no weight_map
                    {"weight_map": []}                   | no weight_map
                    {"weight_map": {"a": 3}}             | no file name but 3
                    {"weight_map": {"a": "b", "a": "b"}} | uplicate
                    {"weight_map": {"a": "b.safe         | not valid JSON
                    """)
    void aDamagedIndexIsRefused(String json, String inMessage) throws IOException {
        Files.writeString(folder.resolve("model.safetensors.index.json"), json, StandardCharsets.UTF_8);
        FormatException e = assertThrows(FormatException.class, () -> WeightFiles.open(folder));
        assertTrue(e.getMessage().contains(inMessage), e.getMessage());
    }

    @Test
    void indexAndShardsMustAgree() throws IOException {
        index(Map.of("a", SHARD_1));
        FormatException missing = assertThrows(FormatException.class, () -> WeightFiles.open(folder));
        assertTrue(missing.getMessage().contains(SHARD_1 + " is not in the folder"), missing.getMessage());
        shard(SHARD_1, "a", "b");
        FormatException unlisted = assertThrows(FormatException.class, () -> WeightFiles.open(folder));
        assertTrue(unlisted.getMessage().contains("tensor 'b' is not listed"), unlisted.getMessage());
        shard(SHARD_1, "b");
        FormatException absent = assertThrows(FormatException.class, () -> WeightFiles.open(folder));
        assertTrue(absent.getMessage().contains("tensor 'a' is not in the shard"), absent.getMessage());
        shard(SHARD_1, "a");
        shard(SHARD_2, "a", "b");
        index(Map.of("a", SHARD_1, "b", SHARD_2));
        FormatException twice = assertThrows(FormatException.class, () -> WeightFiles.open(folder));
        assertTrue(twice.getMessage().contains("tensor 'a' stands in " + SHARD_1), twice.getMessage());
    }

    @Test
    void aPickleFileIsRefusedWithTheWayOut() throws IOException {
        Files.writeString(folder.resolve("pytorch_model.bin"), "cposix\nsystem\n");
        UserException e = assertThrows(UserException.class, () -> WeightFiles.open(folder));
        for (String part : List.of("pytorch_model.bin", "runs whatever code", "save_pretrained")) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
        Files.delete(folder.resolve("pytorch_model.bin"));
        UserException none = assertThrows(UserException.class, () -> WeightFiles.open(folder));
        assertTrue(none.getMessage().contains("has no model.safetensors"), none.getMessage());
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void aWeightThatIsNoNumberIsRefusedWithItsOffset(double value) throws IOException {
        INDArray array = Nd4j.ones(DataType.FLOAT, 3, 4);
        array.putScalar(1, 2, value);
        SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("a", array), Map.of());
        try (WeightFiles files = WeightFiles.open(folder)) {
            FormatException e = assertThrows(FormatException.class, () -> files.read("a", DataType.FLOAT));
            assertTrue(e.getMessage().contains("tensor 'a' holds " + value + " at element 6"), e.getMessage());
            assertEquals(
                    Files.size(folder.resolve("model.safetensors")) - (12 - 6) * 4,
                    e.offset().orElse(-1));
        }
    }

    @Test
    void largeFiniteWeightsWhoseSumIsNotAreRead() throws IOException {
        INDArray array = Nd4j.ones(DataType.FLOAT, 4).muli(3e38);
        SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("a", array), Map.of());
        try (WeightFiles files = WeightFiles.open(folder)) {
            assertEquals(array, files.read("a", DataType.FLOAT));
        }
    }
}
