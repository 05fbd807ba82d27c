package io.lora4j.models.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.models.tokenizer.TextTokenizer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Token ids of every family against the fast tokenizers of Hugging Face transformers: byte-level BPE for RoBERTa, Unigram for XLM-RoBERTa,
 * WordPiece for the others; single texts and pairs, whole and truncated.
 */
@Tag("golden")
class FamilyTokenizerTest {
    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void idsEqualTransformers(String name) {
        TinyFamily tiny = new TinyFamily(name);
        JsonNode tokens = tiny.expected.get("tokens");
        try (TextTokenizer tokenizer = TextTokenizer.load(tiny.folder.resolve("tokenizer.json"))) {
            assertEquals(8, tokens.get("singles").size());
            for (JsonNode single : tokens.get("singles")) {
                String text = single.get("text").asText();
                assertArrayEquals(
                        ids(single.get("ids")),
                        tokenizer.encode(text, null, 1000).ids(),
                        text);
                assertArrayEquals(
                        ids(single.get("ids10")),
                        tokenizer.encode(text, null, 10).ids(),
                        text);
            }
            for (JsonNode pair : tokens.get("pairs")) {
                String a = pair.get("a").asText();
                String b = pair.get("b").asText();
                assertArrayEquals(
                        ids(pair.get("ids")), tokenizer.encode(a, b, 1000).ids(), a + " | " + b);
                assertArrayEquals(
                        ids(pair.get("ids14")), tokenizer.encode(a, b, 14).ids(), a + " | " + b);
            }
        }
    }

    /** {@code <s> a </s>} and {@code <s> a </s></s> b </s>}; RoBERTa knows one type only. */
    @ParameterizedTest
    @ValueSource(strings = {"roberta", "xlm-roberta"})
    void pairsOfRobertaHaveTwoSeparators(String name) {
        TinyFamily tiny = new TinyFamily(name);
        try (TextTokenizer tokenizer = TextTokenizer.load(tiny.folder.resolve("tokenizer.json"))) {
            int[] a = tokenizer.encode("the cat", null, 50).ids();
            int[] b = tokenizer.encode("on the mat", null, 50).ids();
            int[] both = tokenizer.encode("the cat", "on the mat", 50).ids();
            assertEquals(0, a[0]);
            assertEquals(2, a[a.length - 1]);
            int[] expected = new int[a.length + b.length];
            System.arraycopy(a, 0, expected, 0, a.length);
            System.arraycopy(b, 0, expected, a.length, b.length);
            expected[a.length] = 2;
            assertArrayEquals(expected, both);
        }
    }

    private static int[] ids(JsonNode node) {
        int[] ids = new int[node.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = node.get(i).asInt();
        }
        return ids;
    }
}
