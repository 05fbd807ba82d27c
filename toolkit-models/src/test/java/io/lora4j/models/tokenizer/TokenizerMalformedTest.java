package io.lora4j.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged tokenizers are refused before the native library sees them: several of these ended the whole process there, without a word.
 */
class TokenizerMalformedTest {
    private static final String GOOD = BertTokenizerJson.of(
                    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n".getBytes(StandardCharsets.UTF_8),
                    Path.of("vocab.txt"),
                    7)
            .toString();
    private static final String DECODER = "{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true}";

    @TempDir
    Path folder = Path.of("");

    private static Arguments changed(String what, String inMessage, UnaryOperator<String> change) {
        return Arguments.of(what, change.apply(GOOD).getBytes(StandardCharsets.UTF_8), inMessage);
    }

    private static Arguments decoder(String what, String inMessage, String decoder) {
        return changed(what, inMessage, s -> s.replace(DECODER, decoder));
    }

    static Stream<Arguments> damaged() {
        byte[] notUtf8 = GOOD.getBytes(StandardCharsets.UTF_8);
        notUtf8[5] = (byte) 0xff;
        return Stream.of(
                Arguments.of("empty", new byte[0], "no model"),
                Arguments.of("not UTF-8", notUtf8, "not UTF-8"),
                Arguments.of("UTF-16", GOOD.getBytes(StandardCharsets.UTF_16), "not UTF-8"),
                changed("truncated", "no tokenizer.json", s -> s.substring(0, s.length() / 2)),
                changed("goes on", "no tokenizer.json", s -> s + "{}"),
                changed("a key twice", "uplicate", s -> s.replace("\"version\"", "\"model\"")),
                changed("no model", "has no model", s -> s.replace("\"model\":{", "\"modle\":{")),
                changed("model is a list", "has no model", s -> "{\"model\": [1]}"),
                changed(
                        "normalizer without type",
                        "normalizer has no type",
                        s -> s.replace("\"type\":\"BertNormalizer\",", "")),
                decoder("broken JSON inside the decoder", "no tokenizer.json", DECODER.replace(":true", "true")),
                decoder("deep nesting inside the decoder", "nesting", "[".repeat(200) + "]".repeat(200)),
                decoder("a huge number in the decoder", "too large", DECODER.replace("true", "1e999")),
                decoder("an endless integer in the decoder", "too large", DECODER.replace("true", "9".repeat(40))),
                decoder("a decoder that is a number", "decoder has no type", "7"),
                decoder("half a surrogate pair", "surrogate", DECODER.replace("##", "\\ud83d")),
                changed(
                        "a template with an unlisted token",
                        "'[CLS]', which it does not list",
                        s -> s.replace("\"[CLS]\":{\"id\"", "\"[CLX]\":{\"id\"")),
                changed(
                        "an unknown kind of model",
                        "no tokenizer.json",
                        s -> s.replace("\"type\":\"WordPiece\",\"unk_token\"", "\"type\":\"WordPie\",\"unk_token\"")),
                changed("an id that is no number", "no tokenizer.json", s -> s.replace("\"##b\":6", "\"##b\":\"6\"")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damaged")
    void isRefused(String what, byte[] bytes, String inMessage) throws IOException {
        Path file = Files.write(folder.resolve("tokenizer.json"), bytes);
        FormatException e = assertThrows(FormatException.class, () -> TextTokenizer.load(file), what);
        assertEquals(file, e.path());
        assertTrue(e.getMessage().contains(inMessage), e.getMessage());
    }

    @Test
    void aVocabularyWithoutItsUnknownTokenIsRefusedWhenItIsNeeded() throws IOException {
        Path file = Files.writeString(
                folder.resolve("tokenizer.json"), GOOD.replace("\"unk_token\":\"[UNK]\"", "\"unk_token\":\"[NONE]\""));
        try (TextTokenizer tokenizer = TextTokenizer.load(file)) {
            assertEquals(3, tokenizer.encode("a", null, 9).length());
            FormatException e = assertThrows(FormatException.class, () -> tokenizer.encode("x", null, 9));
            assertTrue(e.getMessage().contains("cannot encode"), e.getMessage());
        }
    }
}
