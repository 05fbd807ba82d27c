package io.lora4j.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.source.InMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A vocabulary becomes the very file that Hugging Face's converter made of the same vocabulary. */
@Tag("golden")
class BertTokenizerJsonTest {
    @Test
    void equalsTheFilePublishedWithAModelOfTheSameVocabulary() throws IOException {
        // all-MiniLM-L6-v2 has BERT-base-uncased's vocabulary; its file was made by transformers
        ObjectNode published = JsonFiles.parse(
                InMemory.resource("/all-minilm-l6-v2-tokenizer.json").readAll(1 << 20), Path.of("tokenizer.json"));
        published.putNull("truncation");
        published.putNull("padding");
        List<String> tokens = new ArrayList<>();
        published.get("model").get("vocab").fieldNames().forEachRemaining(tokens::add);
        assertEquals(30522, tokens.size());
        ObjectNode made = BertTokenizerJson.of(
                String.join("\n", tokens).getBytes(StandardCharsets.UTF_8), Path.of("vocab.txt"), 30522);
        assertEquals(published.toPrettyString(), made.toPrettyString());
    }

    @Test
    void aVocabularyWithCapitalsIsCased() {
        for (String word : List.of("Paris", "paris")) {
            String vocabulary = "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\n" + word;
            ObjectNode made =
                    BertTokenizerJson.of(vocabulary.getBytes(StandardCharsets.UTF_8), Path.of("vocab.txt"), 6);
            boolean lower = made.get("normalizer").get("lowercase").asBoolean();
            assertEquals(word.equals("paris"), lower);
            assertTrue(made.get("model").get("vocab").has(word));
            assertFalse(made.toString().contains("\\r"));
        }
    }
}
