package io.lora4j.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.checkpoint.WeightFiles;
import io.lora4j.models.onnx.OnnxBertImporter;
import io.lora4j.models.onnx.OnnxSamples;
import io.lora4j.models.source.ByteSource;
import io.lora4j.models.source.FileTree;
import io.lora4j.models.source.InMemory;
import io.lora4j.models.tensorflow.BundleSamples;
import io.lora4j.models.tensorflow.SavedModelImporter;
import io.lora4j.models.tokenizer.TextTokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Ten thousand damaged files of each format, seeded: every one is read or refused with a message for the user; nothing else is thrown
 * (no OutOfMemoryError, no NullPointerException), and none takes two seconds.
 */
@Tag("slow")
class MutationFuzzTest {
    private static final int MUTATIONS = 10_000;
    private static final long MAX_NANOS = 2_000_000_000L;
    private static final Path TINY = Path.of("src/test/resources/golden/peft_fixture/tiny_bert_base");

    @TempDir
    Path folder = Path.of("");

    /** Reads one damaged file. */
    @FunctionalInterface
    private interface Reader {
        void read(byte[] damaged) throws IOException;
    }

    /** One to four changes: a byte, a bit, a hole, a doubled stretch, an end cut off, a number out of bounds. */
    static byte[] mutate(byte[] good, Random random, int focus) {
        byte[] bytes = good.clone();
        for (int n = random.nextInt(4); n >= 0 && bytes.length > 16; n--) {
            int reach = random.nextInt(4) == 0 ? bytes.length : Math.min(focus, bytes.length);
            int at = random.nextInt(reach - 8);
            switch (random.nextInt(8)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
                case 3 -> bytes = cut(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(32)));
                case 4 -> bytes = doubled(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(32)));
                case 5 -> put(bytes, at, random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE);
                case 6 -> put(bytes, at, random.nextInt());
                default -> Arrays.fill(bytes, at, at + 1 + random.nextInt(8), (byte) 0xff);
            }
        }
        return bytes;
    }

    private static byte[] cut(byte[] bytes, int from, int to) {
        byte[] rest = Arrays.copyOf(bytes, bytes.length - (to - from));
        System.arraycopy(bytes, to, rest, from, bytes.length - to);
        return rest;
    }

    private static byte[] doubled(byte[] bytes, int from, int to) {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + to - from);
        System.arraycopy(bytes, from, longer, to, bytes.length - from);
        return longer;
    }

    private static void put(byte[] bytes, int at, long value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
    }

    private static void fuzz(byte[] good, int focus, long seed, Reader reader) {
        Random random = new Random(seed);
        int refused = 0;
        long slowest = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] damaged = mutate(good, random, focus);
            long start = System.nanoTime();
            try {
                reader.read(damaged);
            } catch (UserException e) {
                refused++;
            } catch (IOException | RuntimeException | Error e) {
                fail("mutation " + i + " of seed " + seed + " was neither read nor refused: " + e, e);
            }
            slowest = Math.max(slowest, System.nanoTime() - start);
        }
        assertTrue(slowest < MAX_NANOS, "the slowest took " + slowest / 1e9 + " s");
        assertTrue(refused > MUTATIONS / 4, refused + " refused: the mutations must matter");
    }

    private void copyTiny() throws IOException {
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(TINY.resolve(name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
    }

    private void readFolder() {
        HuggingFaceFolder.open(folder).weights(DataType.FLOAT);
    }

    @Test
    void safetensors() throws IOException {
        copyTiny();
        Path file = folder.resolve("model.safetensors");
        byte[] good = Files.readAllBytes(file);
        int header = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
        fuzz(good, header + 8, 11, damaged -> {
            Files.write(file, damaged);
            readFolder();
        });
    }

    @Test
    void shardIndexes() throws IOException {
        copyTiny();
        Files.move(folder.resolve("model.safetensors"), folder.resolve("model-1.safetensors"));
        StringBuilder json = new StringBuilder("{\"weight_map\": {");
        try (SafetensorsFile whole = SafetensorsFile.open(folder.resolve("model-1.safetensors"))) {
            String comma = "";
            for (String name : whole.names()) {
                json.append(comma).append('"').append(name).append("\": \"model-1.safetensors\"");
                comma = ", ";
            }
        }
        byte[] good = json.append("}}").toString().getBytes(StandardCharsets.UTF_8);
        fuzz(good, good.length, 12, damaged -> {
            Files.write(folder.resolve("model.safetensors.index.json"), damaged);
            WeightFiles.open(folder).close();
        });
    }

    @Test
    void onnx() throws IOException {
        byte[] good = OnnxSamples.tiny();
        ByteSource tokenizer = InMemory.of(Path.of("tokenizer.json"), "{}".getBytes(StandardCharsets.UTF_8));
        fuzz(good, good.length, 13, damaged -> {
            OnnxBertImporter.importModel(InMemory.of(Path.of("tiny.onnx"), damaged), tokenizer, folder);
            HuggingFaceFolder.open(folder);
        });
    }

    @Test
    void tensorFlowBundles() throws IOException {
        FileTree good = BundleSamples.tiny();
        for (String name : new String[] {SavedModelImporter.INDEX, SavedModelImporter.GRAPH, "assets/vocab.txt"}) {
            ByteSource source = good.files().get(name);
            byte[] bytes = source == null ? new byte[0] : source.readAll(1 << 20);
            fuzz(bytes, bytes.length, name.hashCode(), damaged -> {
                Map<String, ByteSource> files = new HashMap<>(good.files());
                files.put(name, InMemory.of(Path.of(name), damaged));
                SavedModelImporter.importModel(new FileTree(Path.of("tiny"), files), folder);
                HuggingFaceFolder.open(folder);
            });
        }
    }

    /** Blocks whose checksums are right again: what is behind the first defence. */
    @Test
    void tensorFlowIndexesWithGoodChecksums() throws IOException {
        Random random = new Random(17);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] index = BundleSamples.indexWithMutatedEntry(random);
            Map<String, ByteSource> files = new HashMap<>(BundleSamples.tiny().files());
            files.put(SavedModelImporter.INDEX, InMemory.of(Path.of("variables.index"), index));
            try {
                SavedModelImporter.importModel(new FileTree(Path.of("tiny"), files), folder);
            } catch (UserException e) {
                refused++;
            } catch (IOException | RuntimeException | Error e) {
                fail("mutation " + i + " was neither read nor refused: " + e, e);
            }
        }
        assertTrue(refused > MUTATIONS / 4, refused + " refused");
    }

    @Test
    void configs() throws IOException {
        copyTiny();
        Path file = folder.resolve("config.json");
        byte[] good = Files.readAllBytes(file);
        fuzz(good, good.length, 14, damaged -> {
            Files.write(file, damaged);
            HuggingFaceFolder.open(folder);
        });
    }

    @Test
    void tokenizers() throws Exception {
        Path file = folder.resolve("tokenizer.json");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TokenizerFuzz.class.getName(),
                        file.toString(),
                        String.valueOf(MUTATIONS),
                        String.valueOf(MUTATIONS / 2))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> output + "\nat the tokenizer " + content(file));
        Matcher told =
                Pattern.compile("refused (\\d+) of 15000, slowest (\\d+) ms").matcher(output);
        assertTrue(told.find(), output);
        assertTrue(Integer.parseInt(told.group(1)) > MUTATIONS / 4, output);
        assertTrue(Integer.parseInt(told.group(2)) < 2000, output);
    }

    private static String content(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "that is gone: " + e;
        }
    }

    @Test
    void deepNestingEnds() throws IOException {
        for (String name : List.of("config.json", "model.safetensors.index.json", "tokenizer.json")) {
            Path own = Files.createDirectory(folder.resolve(name + ".d"));
            for (String file : List.of("config.json", "model.safetensors")) {
                Files.copy(TINY.resolve(file), own.resolve(file));
            }
            Files.writeString(own.resolve("tokenizer.json"), "{}");
            if (name.startsWith("model")) {
                Files.delete(own.resolve("model.safetensors"));
            }
            Files.writeString(own.resolve(name), "{\"a\": " + "[".repeat(200_000));
            UserException e = assertTimeoutPreemptively(
                    Duration.ofSeconds(2),
                    () -> assertThrows(UserException.class, () -> {
                        HuggingFaceFolder.open(own).weights(DataType.FLOAT);
                        TextTokenizer.load(own.resolve("tokenizer.json")).close();
                    }));
            assertTrue(String.valueOf(e.getMessage()).length() < 2000, "a short message");
        }
    }
}
