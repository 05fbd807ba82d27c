package io.lora4j.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ids equal those of Hugging Face's Python binding, truncated pairs included, although the file asks for padding to 128. */
@Tag("golden")
class TextTokenizerTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/tokenizer/all-minilm-l6-v2.json");
    private static final List<Case> CASES = new ArrayList<>();

    @TempDir
    static Path folder = Path.of("");

    private static TextTokenizer tokenizer;

    private record Case(String a, @Nullable String b, int maxLength, TokenIds expected) {}

    @BeforeAll
    static void load() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        try (InputStream in = Objects.requireNonNull(
                TextTokenizerTest.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json"))) {
            Files.copy(in, file);
        }
        tokenizer = TextTokenizer.load(file);
        for (JsonNode node : new ObjectMapper().readTree(GOLDEN.toFile())) {
            String b = node.get("b").isNull() ? null : node.get("b").asText();
            TokenIds expected = new TokenIds(ints(node.get("ids")), ints(node.get("typeIds")));
            CASES.add(new Case(node.get("a").asText(), b, node.get("maxLength").asInt(), expected));
        }
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    @Test
    void idsAndTypesEqualThePythonLibrarys() {
        assertEquals(286, CASES.size());
        for (Case c : CASES) {
            assertEquals(c.expected(), tokenizer.encode(c.a(), c.b(), c.maxLength()), c.toString());
        }
    }

    @Test
    void batchesGiveTheSameIds() {
        for (boolean pairs : new boolean[] {false, true}) {
            List<Case> chosen = CASES.stream()
                    .filter(c -> c.maxLength() == 17 && (c.b() != null) == pairs)
                    .toList();
            List<String> a = new ArrayList<>();
            List<String> b = new ArrayList<>();
            List<TokenIds> expected = new ArrayList<>();
            for (int i = 0; i < 2500; i++) {
                Case c = chosen.get(i % chosen.size());
                a.add(c.a());
                b.add(c.b() == null ? "" : c.b());
                expected.add(c.expected());
            }
            assertEquals(expected, tokenizer.encodeAll(a, pairs ? b : null, 17));
        }
    }

    @Test
    void threadsMayShareIt() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<List<TokenIds>>> all = IntStream.range(0, 8)
                    .mapToObj(i -> pool.submit(() -> CASES.stream()
                            .map(c -> tokenizer.encode(c.a(), c.b(), c.maxLength()))
                            .toList()))
                    .toList();
            List<TokenIds> expected = CASES.stream().map(Case::expected).toList();
            for (Future<List<TokenIds>> one : all) {
                assertEquals(expected, one.get());
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void halfASurrogatePairBecomesAQuestionMark() {
        assertArrayEquals(
                tokenizer.encode("a ? b", null, 16).ids(),
                tokenizer.encode("a \ud83d b", null, 16).ids());
    }

    @Test
    void theLengthMustLeaveRoomForText() {
        assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("a", null, 2));
        assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("a", "b", 3));
        assertThrows(IllegalArgumentException.class, () -> tokenizer.encodeAll(List.of("a"), List.of(), 9));
    }

    @Test
    void checksumIsTheFilesOwn() {
        // sha256sum of the file in the Maven artifact
        assertEquals("da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0", tokenizer.sha256());
    }

    @Test
    void aFileThatIsNoTokenizerIsRefused() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.json"), "{\"version\": \"1.0\"}", StandardCharsets.UTF_8);
        FormatException e = assertThrows(FormatException.class, () -> TextTokenizer.load(bad));
        assertTrue(e.getMessage().startsWith(bad + ": this is no tokenizer.json"), e.getMessage());
        Path missing = folder.resolve("missing.json");
        UserException m = assertThrows(UserException.class, () -> TextTokenizer.load(missing));
        assertEquals("no such file: " + missing, m.getMessage());
    }
}
