package io.lora4j.models.peft;

import static io.lora4j.models.peft.DamagedAdapter.CONFIG;
import static io.lora4j.models.peft.DamagedAdapter.QUERY;
import static io.lora4j.models.peft.DamagedAdapter.WEIGHTS;
import static io.lora4j.models.peft.DamagedAdapter.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Every damaged or contradictory adapter ends as one message that names the file at fault, soon and without exhausting the memory. */
class PeftMalformedTest {
    private static final String PLAIN = "tiny_bert_qv_r4";
    private static final String DORA = "tiny_bert_qv_dora";
    private static final String BIASES = "tiny_bert_qv_bias_lora_only";

    /** Exponential on every name without a '#': each character is matched in two ways. */
    private static final String ENDLESS = "(([a-z.0-9_]|[a-z.0-9_])+)+#";

    @TempDir
    Path folder = Path.of("");

    private static Arguments files(String what, Consumer<Path> damage, String... inMessage) {
        return Arguments.of(what, PLAIN, (Consumer<DamagedAdapter>) adapter -> {}, damage, inMessage);
    }

    private static Arguments adapter(
            String what, String fixture, Consumer<DamagedAdapter> change, String... inMessage) {
        return Arguments.of(what, fixture, change, (Consumer<Path>) path -> {}, inMessage);
    }

    /** A setting of another value, as JSON. */
    private static Arguments setting(String key, String json, String... inMessage) {
        String[] all = Arrays.copyOf(inMessage, inMessage.length + 1);
        all[inMessage.length] = CONFIG;
        String what = key + " = " + (json.length() > 40 ? json.substring(0, 40) + "..." : json);
        return adapter(what, PLAIN, adapter -> adapter.config.set(key, json(json)), all);
    }

    private static JsonNode json(String text) {
        try {
            return JsonMapper.builder().build().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Consumer<Path> cut(String file, double part) {
        return folder -> {
            byte[] whole = bytes(folder.resolve(file));
            bytes(folder.resolve(file), Arrays.copyOf(whole, (int) (whole.length * part)));
        };
    }

    private static Consumer<Path> content(String file, String text) {
        return folder -> bytes(folder.resolve(file), text.getBytes(StandardCharsets.UTF_8));
    }

    private static Consumer<Path> without(String file) {
        return folder -> {
            try {
                Files.delete(folder.resolve(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /** A file whose one tensor has many bytes, of which the disk holds none. */
    private static Consumer<Path> sparse(String shape, long bytes) {
        return folder -> {
            String header = "{\"" + QUERY + ".lora_A.weight\":{\"dtype\":\"F32\",\"shape\":" + shape
                    + ",\"data_offsets\":[0," + bytes + "]}}";
            byte[] start = ByteBuffer.allocate(Long.BYTES + header.length())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length())
                    .put(header.getBytes(StandardCharsets.US_ASCII))
                    .array();
            bytes(folder.resolve(WEIGHTS), start);
            try (RandomAccessFile file =
                    new RandomAccessFile(folder.resolve(WEIGHTS).toFile(), "rw")) {
                file.setLength(start.length + bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    static Stream<Arguments> damagedFiles() {
        byte[] enormous = ByteBuffer.allocate(64)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(Long.MIN_VALUE)
                .array();
        return Stream.of(
                files("no config", without(CONFIG), CONFIG),
                files("no weights", without(WEIGHTS), WEIGHTS),
                files("config is empty", content(CONFIG, ""), CONFIG),
                files("config is cut", cut(CONFIG, 0.5), CONFIG, "JSON"),
                files("config is a list", content(CONFIG, "[1]"), CONFIG, "object"),
                files("config has a key twice", content(CONFIG, "{\"r\":1,\"r\":2}"), CONFIG, "r"),
                files("config is binary", content(CONFIG, "\u0000\u0001\u0002"), CONFIG),
                files("config is nested", content(CONFIG, "{\"a\":" + "[".repeat(100_000)), CONFIG),
                files("config is enormous", content(CONFIG, " ".repeat(20_000_000) + "{}"), CONFIG, "20000002"),
                files("weights are empty", content(WEIGHTS, ""), WEIGHTS, "0 bytes"),
                files("weights end in the header", cut(WEIGHTS, 0.1), WEIGHTS, "truncated"),
                files("weights end in the data", cut(WEIGHTS, 0.9), WEIGHTS, "truncated"),
                files("header of 2^63 bytes", folder -> bytes(folder.resolve(WEIGHTS), enormous), WEIGHTS, "922337"),
                files("tensor of 3 GB", sparse("[4,201326592]", 3_221_225_472L), WEIGHTS, "3221225472"));
    }

    static Stream<Arguments> settings() {
        return Stream.of(
                setting("peft_type", "null", "LORA"),
                setting("peft_type", "\"IA3\"", "IA3", "LORA"),
                setting("peft_type", "[]", "LORA"),
                setting("init_lora_weights", "\"pissa\"", "pissa", "path_initial_model_for_weight_conversion"),
                setting("init_lora_weights", "\"pissa_niter_16\"", "pissa_niter_16"),
                setting("init_lora_weights", "\"PiSSA\"", "PiSSA"),
                setting("init_lora_weights", "\"olora\"", "olora"),
                setting("init_lora_weights", "\"loftq\"", "loftq"),
                setting("init_lora_weights", "\"corda\"", "corda"),
                setting("r", "null", "r must be"),
                setting("r", "\"4\"", "r must be"),
                setting("r", "-4", "r must be"),
                setting("r", "0", "r must be"),
                setting("r", "3.5", "3.5"),
                setting("r", "65537", "65536"),
                setting("r", "99999999999999999999", "65536"),
                setting("r", "8", "rank 4", "8"),
                setting("lora_alpha", "null", "lora_alpha"),
                setting("lora_alpha", "0", "lora_alpha"),
                setting("lora_alpha", "-1", "lora_alpha"),
                setting("lora_alpha", "1e400", "lora_alpha"),
                setting("lora_alpha", "1e300", "lora_alpha"),
                setting("lora_dropout", "1", "lora_dropout"),
                setting("lora_dropout", "-0.1", "lora_dropout"),
                setting("lora_dropout", "\"none\"", "lora_dropout"),
                setting("bias", "\"some\"", "bias", "lora_only"),
                setting("bias", "1", "bias"),
                setting("use_dora", "\"no\"", "use_dora"),
                setting("use_rslora", "7", "use_rslora"),
                setting("modules_to_save", "\"classifier\"", "modules_to_save"),
                setting("modules_to_save", "[1]", "modules_to_save"),
                setting("modules_to_save", "[" + "\"x\",".repeat(5000) + "\"x\"]", "modules_to_save"),
                setting("target_modules", "\"(query|value\"", "target_modules"),
                setting("target_modules", "\"(?P<layer>.*)query\"", "target_modules"),
                setting("target_modules", "\"" + ENDLESS + "\"", "target_modules"));
    }

    static Stream<Arguments> patterns() {
        return Stream.of("rank_pattern", "alpha_pattern")
                .flatMap(key -> Stream.of(
                        setting(key, "[]", key, "object"),
                        setting(key, "{\"query\":\"2\"}", key + ".query"),
                        setting(key, "{\"query\":-2}", key + ".query"),
                        setting(key, "{\"query\":0}", key + ".query"),
                        setting(key, "{\"query\":1e400}", key + ".query"),
                        setting(key, "{\"(query\":2}", key, "(query"),
                        setting(key, "{\"*query\":2}", key, "*query"),
                        setting(key, "{\"(?P<q>query)\":2}", key, "(?P<q>query)"),
                        setting(key, "{\"query(?(1)a|b)\":2}", key),
                        setting(key, "{\"" + "(".repeat(20_000) + ")".repeat(20_000) + "\":2}", key),
                        setting(key, "{\"" + ENDLESS + "\":2}", key),
                        setting(key, "{\"(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)#\":2}", key),
                        setting(key, "{\"((()" + "{9999}){9999}){9999}\":2}", key)));
    }

    static Stream<Arguments> ranks() {
        return Stream.of(
                setting("rank_pattern", "{\"query\":2.5}", "rank_pattern.query", "2.5"),
                setting("rank_pattern", "{\"query\":1000000}", "rank_pattern.query", "65536"),
                setting("rank_pattern", "{\"query\":2}", "rank 4", "2"),
                adapter("A of another rank", PLAIN, a -> put(a, QUERY + ".lora_A.weight", 3, 16), WEIGHTS, "rank 3"),
                adapter(
                        "B of another rank",
                        PLAIN,
                        a -> put(a, QUERY + ".lora_B.weight", 16, 3),
                        WEIGHTS,
                        "rank 4 and 3"),
                adapter("A without inputs", PLAIN, a -> put(a, QUERY + ".lora_A.weight", 4, 0), WEIGHTS),
                adapter("A of rank 0", PLAIN, a -> put(a, QUERY + ".lora_A.weight", 0, 16), WEIGHTS),
                adapter("A is a vector", PLAIN, a -> put(a, QUERY + ".lora_A.weight", 64), WEIGHTS, "1 dimensions"),
                adapter("A is a cube", PLAIN, a -> put(a, QUERY + ".lora_A.weight", 4, 8, 2), WEIGHTS, "3 dimensions"),
                adapter("A is a scalar", PLAIN, a -> put(a, QUERY + ".lora_A.weight"), WEIGHTS, "0 dimensions"));
    }

    private static void put(DamagedAdapter adapter, String name, long... shape) {
        adapter.tensors.put(name, Nd4j.zeros(DataType.FLOAT, shape));
    }

    private static Consumer<DamagedAdapter> poison(String name, double value) {
        return adapter -> adapter.tensor(name).putScalar(3, value);
    }

    private static Consumer<DamagedAdapter> removed(String name) {
        return adapter -> assertNotNull(adapter.tensors.remove(name), name);
    }

    static Stream<Arguments> tensors() {
        String a = QUERY + ".lora_A.weight";
        String b = QUERY + ".lora_B.weight";
        return Stream.of(
                adapter("A missing", PLAIN, removed(a), WEIGHTS, a),
                adapter("B missing", PLAIN, removed(b), WEIGHTS, b),
                adapter(
                        "no adapter at all",
                        PLAIN,
                        x -> x.tensors.keySet().removeIf(n -> n.contains("lora_")),
                        WEIGHTS),
                adapter("NaN in A", PLAIN, poison(a, Double.NaN), WEIGHTS, a, "NaN"),
                adapter("infinity in B", PLAIN, poison(b, Double.POSITIVE_INFINITY), WEIGHTS, b, "infinity"),
                adapter("NaN in the head", PLAIN, poison("base_model.model.classifier.weight", Double.NaN), WEIGHTS),
                adapter("NaN in a magnitude", DORA, poison(QUERY + ".lora_magnitude_vector", Double.NaN), WEIGHTS),
                adapter("unknown tensor", PLAIN, x -> put(x, QUERY + ".lora_C.weight", 2, 2), WEIGHTS, "lora_C"),
                adapter("weight of a layer", PLAIN, x -> put(x, QUERY + ".weight", 16, 16), WEIGHTS, "query.weight"),
                adapter(
                        "no prefix",
                        PLAIN,
                        x -> put(x, "bert.query.lora_A.weight", 4, 16),
                        WEIGHTS,
                        "base_model.model."),
                adapter("nameless layer", PLAIN, x -> put(x, "base_model.model..lora_A.weight", 4, 16), WEIGHTS),
                adapter("integers", PLAIN, x -> x.tensors.put(a, x.tensor(a).castTo(DataType.INT32)), WEIGHTS, a),
                adapter(
                        "endless name",
                        PLAIN,
                        x -> put(x, QUERY + "x".repeat(5000) + ".lora_A.weight", 4, 16),
                        WEIGHTS));
    }

    static Stream<Arguments> parts() {
        String m = QUERY + ".lora_magnitude_vector";
        return Stream.of(
                adapter("magnitudes without use_dora", DORA, x -> x.config.put("use_dora", false), WEIGHTS, "use_dora"),
                adapter(
                        "use_dora without magnitudes",
                        PLAIN,
                        x -> x.config.put("use_dora", true),
                        WEIGHTS,
                        "magnitude"),
                adapter("a magnitude missing", DORA, removed(m), WEIGHTS, m),
                adapter("a magnitude too many", DORA, x -> put(x, QUERY + "x.lora_magnitude_vector", 16), WEIGHTS),
                adapter("a magnitude too short", DORA, x -> put(x, m, 15), WEIGHTS, "15"),
                adapter("a magnitude of two dimensions", DORA, x -> put(x, m, 16, 1), WEIGHTS, "2 dimensions"),
                adapter("a magnitude twice", DORA, x -> put(x, m + ".weight", 16), WEIGHTS, "twice"),
                adapter(
                        "bias of an unknown layer",
                        BIASES,
                        x -> put(x, "base_model.model.bert.nothing.base_layer.bias", 16),
                        WEIGHTS,
                        "bert.nothing.bias"),
                adapter("bias too long", BIASES, x -> put(x, QUERY + ".base_layer.bias", 17), WEIGHTS, "17"),
                adapter(
                        "bias twice",
                        BIASES,
                        x -> {
                            x.config.put("bias", "all");
                            put(x, QUERY + ".bias", 16);
                        },
                        WEIGHTS,
                        "twice"),
                adapter("bias but bias is none", PLAIN, x -> put(x, QUERY + ".bias", 16), WEIGHTS, "query.bias"));
    }

    static Stream<Arguments> otherBases() {
        String head = "base_model.model.classifier";
        return Stream.of(
                adapter(
                        "layer that the base has not",
                        PLAIN,
                        x -> {
                            String other = QUERY.replace("layer.0", "layer.7");
                            put(x, other + ".lora_A.weight", 4, 16);
                            put(x, other + ".lora_B.weight", 16, 4);
                        },
                        WEIGHTS,
                        "another base"),
                adapter(
                        "layer of another size",
                        PLAIN,
                        x -> {
                            put(x, QUERY + ".lora_A.weight", 4, 64);
                            put(x, QUERY + ".lora_B.weight", 64, 4);
                        },
                        WEIGHTS,
                        "64 x 64",
                        "another base"),
                adapter(
                        "adapter on the head",
                        PLAIN,
                        x -> {
                            put(x, head + ".lora_A.weight", 4, 16);
                            put(x, head + ".lora_B.weight", 2, 4);
                        },
                        WEIGHTS,
                        "classifier"),
                adapter("no head", PLAIN, x -> x.tensors.keySet().removeIf(n -> n.startsWith(head)), WEIGHTS, "head"),
                adapter("half a head", PLAIN, removed(head + ".bias"), WEIGHTS, "classifier.bias"),
                adapter("head of three labels", PLAIN, x -> put(x, head + ".weight", 3, 16), WEIGHTS, "labels"),
                adapter("head the other way round", PLAIN, x -> put(x, head + ".weight", 16, 2), WEIGHTS, "shape"),
                adapter("bias of three labels", PLAIN, x -> put(x, head + ".bias", 3), WEIGHTS, "labels"),
                adapter(
                        "a name too long",
                        PLAIN,
                        x -> x.tensors.put("base_model.model." + "y".repeat(600) + ".lora_A.weight", Nd4j.ones(4, 16)),
                        WEIGHTS,
                        "631"),
                adapter(
                        "two heads",
                        PLAIN,
                        x -> put(x, "base_model.model.score.weight", 2, 16),
                        WEIGHTS,
                        "score.weight"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"damagedFiles", "settings", "patterns", "ranks", "tensors", "parts", "otherBases"})
    void isRefused(
            String what, String fixture, Consumer<DamagedAdapter> change, Consumer<Path> damage, String[] inMessage) {
        DamagedAdapter adapter = new DamagedAdapter(fixture);
        adapter.writeTo(folder);
        assertNull(DamagedAdapter.outcome(folder), "the adapter is good before it is changed");
        change.accept(adapter);
        adapter.writeTo(folder);
        damage.accept(folder);
        UserException e = DamagedAdapter.outcome(folder);
        assertNotNull(e, "accepted");
        assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
        assertTrue(e.getMessage().length() < 1000, () -> e.getMessage().length() + " characters");
        for (String part : inMessage) {
            assertTrue(e.getMessage().contains(part), () -> part + " is not in: " + e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alora_invocation_tokens=[1]",
                "arrow_config={\"a\":1}",
                "fan_in_fan_out=true",
                "kasa_config={\"a\":1}",
                "layer_replication=[[0,1]]",
                "lora_bias=true",
                "monteclora_config={\"a\":1}",
                "target_parameters=[\"a\"]",
                "trainable_token_indices=[1]",
                "use_bdlora={\"a\":1}",
                "use_qalora=true",
                "velora_config={\"a\":1}"
            })
    void whatComputesSomethingElseIsRefusedByName(String setting) {
        String key = setting.substring(0, setting.indexOf('='));
        DamagedAdapter adapter = new DamagedAdapter(PLAIN);
        adapter.config.set(key, json(setting.substring(key.length() + 1)));
        adapter.writeTo(folder);
        UserException e = DamagedAdapter.outcome(folder);
        assertNotNull(e, setting);
        assertTrue(e.getMessage().startsWith(folder.resolve(CONFIG) + ": " + key + " is set"), e.getMessage());
    }

    @Test
    void manyPatternsAreReadAndEnormouslyManyRefused() {
        DamagedAdapter adapter = new DamagedAdapter(PLAIN);
        var patterns = adapter.config.putObject("rank_pattern");
        for (int i = 0; i < 1500; i++) {
            patterns.put("^bert\\.encoder\\.layer\\." + i + "\\.attention\\.self\\.key", 3);
        }
        adapter.writeTo(folder);
        assertNull(DamagedAdapter.outcome(folder));
        for (int i = 0; i < 20_000; i++) {
            patterns.put("^bert\\.encoder\\.layer\\." + i + "\\.attention\\.self\\.key", 3);
        }
        adapter.writeTo(folder);
        UserException e = DamagedAdapter.outcome(folder);
        assertNotNull(e);
        assertTrue(e.getMessage().contains(CONFIG), e.getMessage());
    }

    @Test
    void aDamagedFileTellsPathAndOffset() {
        new DamagedAdapter(PLAIN).writeTo(folder);
        cut(WEIGHTS, 0.9).accept(folder);
        UserException e = DamagedAdapter.outcome(folder);
        assertTrue(e instanceof FormatException, String.valueOf(e));
        assertEquals(folder.resolve(WEIGHTS), ((FormatException) e).path());
        assertTrue(((FormatException) e).offset().isPresent());
    }
}
