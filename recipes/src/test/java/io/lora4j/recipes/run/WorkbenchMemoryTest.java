package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.family.EncoderFamilies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large encoders train on fewer examples at once; the shipped recipes on the default encoder are as they were. */
class WorkbenchMemoryTest {
    @TempDir
    Path folder = Path.of("");

    private EncoderConfig bert(int layers, int hidden) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), """
                {"model_type": "bert", "vocab_size": 30522, "hidden_size": %d, "num_hidden_layers": %d,
                 "num_attention_heads": 12, "intermediate_size": %d, "max_position_embeddings": 512}
                """.formatted(hidden, layers, 4 * hidden));
        return EncoderFamilies.read(file);
    }

    @Test
    void theDefaultEncoderTakesTheWholeBatch() throws IOException {
        long weights = 22_713_216L * 4;
        assertEquals(32, Workbench.atOnce(32, 128, weights, bert(6, 384)));
        assertEquals(16, Workbench.atOnce(16, 64, weights, bert(6, 384)));
    }

    @Test
    void bertBaseTakesWhatFitsBesideItsWeights() throws IOException {
        long weights = 109_482_240L * 4;
        // 2^30 - 4 * 109,482,240 bytes; an example of 100 tokens keeps 100 * (8 * 768 + 2 * 3072 + 12 * 100) * 12 * 4
        assertEquals(9, Workbench.atOnce(32, 100, weights, bert(12, 768)));
        assertEquals(3, Workbench.atOnce(3, 100, weights, bert(12, 768)));
        assertEquals(4, Workbench.atOnce(32, 512, 4 * weights, bert(12, 768)));
    }
}
