package io.lora4j.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.UserException;
import io.lora4j.models.tensorflow.BundleSamples;
import io.lora4j.models.tokenizer.TextTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A program of its own, because the native library ends its process at what it takes for impossible: reads damaged tokenizers one after the
 * other. Leaves the last one in the file that it was given.
 */
final class TokenizerFuzz {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerFuzz() {}

    /** Words: the file, the number of mutations of bytes, the number of mutations of the JSON's structure. */
    public static void main(String[] words) throws IOException {
        Path file = Path.of(words[0]);
        byte[] good = BundleSamples.tokenizerJson();
        Files.write(file, good);
        TextTokenizer.load(file).close(); // starts the native library, outside the time of any mutation
        Random random = new Random(15);
        int refused = 0;
        long slowest = 0;
        int bytes = Integer.parseInt(words[1]);
        int all = bytes + Integer.parseInt(words[2]);
        for (int i = 0; i < all; i++) {
            Files.write(
                    file, i < bytes ? MutationFuzzTest.mutate(good, random, good.length) : restructured(good, random));
            long start = System.nanoTime();
            try (TextTokenizer tokenizer = TextTokenizer.load(file)) {
                tokenizer.encode("a b, c", "ab", 512);
            } catch (UserException e) {
                refused++;
            }
            slowest = Math.max(slowest, System.nanoTime() - start);
        }
        System.out.println("refused " + refused + " of " + all + ", slowest " + slowest / 1_000_000 + " ms");
    }

    /** Valid JSON with one to three values replaced, removed or moved. */
    private static byte[] restructured(byte[] good, Random random) throws IOException {
        JsonNode root = JSON.readTree(good);
        for (int n = random.nextInt(3); n >= 0; n--) {
            List<JsonNode> containers = new ArrayList<>();
            collect(root, containers);
            JsonNode container = containers.get(random.nextInt(containers.size()));
            JsonNode other = random.nextBoolean() ? value(random) : containers.get(random.nextInt(containers.size()));
            JsonNode copy = other.deepCopy();
            if (container instanceof ObjectNode object && !object.isEmpty()) {
                List<String> names = new ArrayList<>();
                object.fieldNames().forEachRemaining(names::add);
                String name = names.get(random.nextInt(names.size()));
                if (random.nextInt(4) == 0) {
                    object.remove(name);
                } else {
                    object.set(name, copy);
                }
            } else if (container instanceof ArrayNode array && !array.isEmpty()) {
                array.set(random.nextInt(array.size()), copy);
            }
        }
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static JsonNode value(Random random) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        return switch (random.nextInt(10)) {
            case 0 -> json.nullNode();
            case 1 -> json.booleanNode(random.nextBoolean());
            case 2 -> json.numberNode(0);
            case 3 -> json.numberNode(-1);
            case 4 -> json.numberNode(Long.MAX_VALUE);
            case 5 -> json.numberNode(1.5);
            case 6 -> json.textNode("");
            case 7 ->
                json.textNode(List.of("BPE", "Unigram", "WordLevel", "ByteLevel", "Sequence", "Replace", "Metaspace")
                        .get(random.nextInt(7)));
            case 8 -> json.arrayNode();
            default -> json.objectNode();
        };
    }
}
