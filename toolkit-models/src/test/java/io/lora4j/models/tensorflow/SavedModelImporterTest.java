package io.lora4j.models.tensorflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.error.FormatException;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.tensorflow.TinyBundle.Proto;
import io.lora4j.models.tokenizer.TextTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A small SavedModel becomes a folder; a damaged one is refused with file and offset, and leaves no weights behind. */
class SavedModelImporterTest {
    private static final String WORDS = "module/bert/embeddings/word_embeddings";

    @TempDir
    Path folder = Path.of("");

    @Test
    void aSmallModelBecomesACanonicalFolder() throws IOException {
        SavedModelImporter.importModel(new TinyBundle().tree(), folder);
        HuggingFaceFolder.open(folder);
        JsonNode config = JsonFiles.read(folder.resolve("config.json"));
        assertEquals(2, config.get("num_attention_heads").asInt());
        assertEquals(1, config.get("num_hidden_layers").asInt());
        assertEquals(6, config.get("intermediate_size").asInt());
        assertEquals(1e-5, config.get("layer_norm_eps").asDouble(), 0.0);
        assertEquals("BertForMaskedLM", config.get("architectures").get(0).asText());
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            assertEquals(24, file.names().size());
            INDArray weight = file.read("bert.encoder.layer.0.intermediate.dense.weight", DataType.FLOAT);
            assertArrayEquals(new long[] {6, 4}, weight.shape());
            // stored [in, out] row by row as 0, 1, 2, ...: element [out 1, in 2] is 2 * 6 + 1
            assertEquals(13.0, weight.getDouble(1, 2), 0.0);
            INDArray words = file.read("bert.embeddings.word_embeddings.weight", DataType.FLOAT);
            assertEquals(9.0, words.getDouble(2, 1), 0.0);
            assertNotNull(file.find("cls.predictions.bias"));
            assertNotNull(file.find("bert.encoder.layer.0.attention.output.LayerNorm.bias"));
        }
        try (TextTokenizer tokenizer = TextTokenizer.load(folder.resolve("tokenizer.json"))) {
            assertArrayEquals(
                    new int[] {2, 5, 6, 1, 3}, tokenizer.encode("AB x", null, 9).ids());
        }
    }

    private static Arguments changed(String what, String inMessage, Consumer<TinyBundle> change) {
        TinyBundle bundle = new TinyBundle();
        change.accept(bundle);
        return Arguments.of(what, bundle, bundle.index(), bundle.data(), inMessage);
    }

    private static Arguments index(String what, String inMessage, byte[] index) {
        TinyBundle bundle = new TinyBundle();
        return Arguments.of(what, bundle, index, bundle.data(), inMessage);
    }

    private static Arguments entry(String what, String inMessage, byte[] value) {
        Map<String, byte[]> entries = new TinyBundle().entries();
        entries.put(WORDS, value);
        return index(what, inMessage, TinyBundle.table(entries));
    }

    static Stream<Arguments> models() {
        byte[] data = new TinyBundle().data();
        byte[] flipped = data.clone();
        flipped[100] ^= 1;
        return Stream.of(
                changed("unknown variable", "module/bert/encoder/gate", b -> b.put("encoder/gate", 4)),
                changed("no words", "no BERT encoder", b -> b.variables.remove(WORDS)),
                changed(
                        "layer without its kernel",
                        "'encoder.layer.0.output.dense.weight' [4, 6] is missing",
                        b -> b.variables.remove("module/bert/encoder/layer_0/output/dense/kernel")),
                changed("flat kernel", "is a linear map", b -> b.put("pooler/dense/kernel", 16)),
                changed("no GELU", "no GELU", b -> b.graph.removeNode(2)),
                changed("no heads", "number of attention heads", b -> b.graph.removeNode(0)),
                changed("no epsilon", "epsilon", b -> b.graph.removeNode(1)),
                changed("no graph", "no SavedModel", b -> b.graph.clear()),
                changed("short vocabulary", "2 tokens", b -> b.vocabulary = "[PAD]\n[UNK]\n"),
                changed("no [MASK]", "no [MASK]", b -> b.vocabulary = b.vocabulary.replace("[MASK]", "m")),
                changed("token twice", "'a' stands twice", b -> b.vocabulary = b.vocabulary.replace("##b", "a")),
                changed("empty line", "line 3 is empty", b -> b.vocabulary = b.vocabulary.replace("[CLS]", "")),
                Arguments.of(
                        "data cut", new TinyBundle(), new TinyBundle().index(), Arrays.copyOf(data, 500), "truncated"),
                Arguments.of("no data", new TinyBundle(), new TinyBundle().index(), new byte[0], "truncated"),
                Arguments.of(
                        "data too long",
                        new TinyBundle(),
                        new TinyBundle().index(),
                        Arrays.copyOf(data, data.length + 1),
                        "goes on"),
                Arguments.of("flipped bit", new TinyBundle(), new TinyBundle().index(), flipped, "crc32c"));
    }

    static Stream<Arguments> tables() {
        byte[] good = new TinyBundle().index();
        byte[] badBlock = good.clone();
        badBlock[20] ^= 1;
        byte[] badMagic = good.clone();
        badMagic[good.length - 1] ^= 1;
        Map<String, byte[]> swapped = new LinkedHashMap<>();
        swapped.put("b", new byte[0]);
        swapped.put("a", new byte[0]);
        Map<String, byte[]> headless = new TinyBundle().entries();
        headless.remove("");
        return Stream.of(
                index("empty index", "has 0 bytes", new byte[0]),
                index("index cut in its footer", "magic", Arrays.copyOf(good, good.length - 3)),
                index("index cut at its head", "not inside the file", Arrays.copyOfRange(good, 200, good.length)),
                index("magic", "magic", badMagic),
                index("block checksum", "crc32c", badBlock),
                index("compressed block", "compression 1", compressed()),
                index("keys unsorted", "rising order", TinyBundle.table(swapped)),
                index("no header", "no header", TinyBundle.table(headless)),
                index("handle 2^63", "not inside the file", footer(good, Long.MIN_VALUE, 8)),
                index("block size 2^63 - 1", "not inside the file", footer(good, 0, Long.MAX_VALUE)),
                index("block in the footer", "not inside the file", footer(good, good.length - 8, 8)),
                index("endless varint", "more than 10 bytes", endless(good)),
                index("restarts", "restarts", oneBlock(new Proto().int32(-1).bytes())),
                index(
                        "many restarts",
                        "restarts",
                        oneBlock(new Proto().int32(1000).bytes())),
                index(
                        "key longer than its block",
                        "has a key of",
                        oneBlock(new Proto()
                                .varint(0)
                                .varint(999)
                                .varint(0)
                                .int32(0)
                                .bytes())),
                index(
                        "value longer than its block",
                        "has a value of",
                        oneBlock(new Proto()
                                .varint(0)
                                .varint(0)
                                .varint(1L << 40)
                                .int32(0)
                                .bytes())),
                index(
                        "shares more than there is",
                        "shares a key of",
                        oneBlock(new Proto()
                                .varint(7)
                                .varint(0)
                                .varint(0)
                                .int32(0)
                                .bytes())));
    }

    static Stream<Arguments> entries() {
        TinyBundle.Variable words = TinyBundle.floats(7, 4);
        long[] shape = {7, 4};
        TinyBundle bundle = new TinyBundle();
        Map<String, byte[]> header = bundle.entries();
        header.put("", new Proto().integer(1, 0).bytes());
        Map<String, byte[]> big = bundle.entries();
        big.put("", new Proto().integer(1, 1).integer(2, 1).bytes());
        return Stream.of(
                index("no shards", "0 data files", TinyBundle.table(header)),
                index("big-endian", "big-endian", TinyBundle.table(big)),
                entry("entry cut", "is damaged", Arrays.copyOf(TinyBundle.entry(words, shape, 0, 112), 7)),
                entry("offset 2^63", "no file can have", TinyBundle.entry(words, shape, Long.MIN_VALUE, 112)),
                entry("offset near 2^63", "no file can have", TinyBundle.entry(words, shape, Long.MAX_VALUE, 112)),
                entry("size lies", "needs 112 bytes but has 111", TinyBundle.entry(words, shape, 0, 111)),
                entry("shape overflows", "2^63", TinyBundle.entry(words, new long[] {1L << 40, 1L << 40}, 0, 112)),
                entry("negative dimension", "dimension -7", TinyBundle.entry(words, new long[] {-7, 4}, 0, 112)),
                entry("overlap", "overlaps", TinyBundle.entry(words, shape, 0, 112)),
                entry("beyond the data", "truncated", TinyBundle.entry(words, shape, 1L << 40, 112)),
                entry(
                        "other type",
                        "TensorFlow's type 2",
                        new Proto()
                                .integer(1, 2)
                                .integer(4, 5000)
                                .integer(5, 112)
                                .bytes()),
                entry(
                        "other data file",
                        "data file 3",
                        new Proto().integer(1, 1).integer(3, 3).bytes()),
                entry(
                        "slices",
                        "slices",
                        new Proto().integer(1, 1).message(7, new Proto()).bytes()),
                entry(
                        "no bytes",
                        "is not 32-bit float",
                        new Proto()
                                .integer(1, 1)
                                .message(2, new Proto().message(2, new Proto().integer(1, 0)))
                                .integer(4, 5000)
                                .bytes()));
    }

    /** Another index handle in the footer. */
    private static byte[] footer(byte[] good, long offset, long size) {
        byte[] file = Arrays.copyOf(good, good.length - 48);
        Proto meta = new Proto().raw(file);
        byte[] empty = TinyBundle.append(meta, new Proto().int32(0).bytes());
        Proto footer = new Proto().raw(empty).varint(offset).varint(size);
        return meta.raw(footer.raw(new byte[40 - footer.bytes().length])
                        .raw(TinyBundle.magic())
                        .bytes())
                .bytes();
    }

    private static byte[] endless(byte[] good) {
        byte[] file = good.clone();
        Arrays.fill(file, file.length - 48, file.length - 8, (byte) 0xff);
        return file;
    }

    /** A table whose meta-index says that it is compressed. */
    private static byte[] compressed() {
        byte[] typed = new Proto().int32(0).raw(new byte[] {1}).bytes();
        Proto file = new Proto().raw(typed).int32(TinyBundle.masked(typed));
        Proto footer = new Proto().varint(0).varint(4).varint(0).varint(4);
        return file.raw(footer.raw(new byte[40 - footer.bytes().length])
                        .raw(TinyBundle.magic())
                        .bytes())
                .bytes();
    }

    /** A table whose only data block is the one given. */
    private static byte[] oneBlock(byte[] block) {
        Proto file = new Proto();
        byte[] data = TinyBundle.append(file, block);
        byte[] meta = TinyBundle.append(file, new Proto().int32(0).bytes());
        byte[] index = TinyBundle.block(file, List.of(Map.entry("z", data)));
        Proto footer = new Proto().raw(meta).raw(index);
        return file.raw(footer.raw(new byte[40 - footer.bytes().length])
                        .raw(TinyBundle.magic())
                        .bytes())
                .bytes();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"models", "tables", "entries"})
    void isRefused(String what, TinyBundle bundle, byte[] index, byte[] data, String inMessage) throws IOException {
        FormatException e = assertThrows(
                FormatException.class,
                () -> {
                    SavedModelImporter.importModel(bundle.tree(index, data), folder);
                    HuggingFaceFolder.open(folder);
                },
                what);
        assertTrue(e.getMessage().contains(inMessage), e.getMessage());
        if (!e.path().startsWith(folder)) {
            try (Stream<Path> left = Files.list(folder)) {
                assertEquals(List.of(), left.toList(), "nothing half-made is left");
            }
        }
    }

    @Test
    void missingFilesAreNamed() {
        for (String name :
                List.of("saved_model.pb", "variables/variables.index", TinyBundle.DATA, "assets/vocab.txt")) {
            var files = new LinkedHashMap<>(new TinyBundle().tree().files());
            files.remove(name);
            FormatException e = assertThrows(
                    FormatException.class,
                    () -> SavedModelImporter.importModel(
                            new io.lora4j.models.source.FileTree(Path.of("tiny"), files), folder));
            assertEquals("tiny: this SavedModel has no " + name, e.getMessage());
        }
    }

    @Test
    void theChecksumIsTheOneOfTheStandard() {
        // RFC 3720, B.4: 32 bytes of zeros have the CRC-32C aa36918a (bytes in the order of transmission)
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(new byte[32]);
        assertEquals(0x8a9136aaL, crc.getValue());
        // google/leveldb util/crc32c_test.cc: masking changes the value, and twice is not once
        int masked = MaskedCrc.of(crc);
        assertEquals(Integer.rotateRight(0x8a9136aa, 15) + 0xa282ead8, masked);
        assertEquals(masked, TinyBundle.masked(new byte[32]));
    }
}
