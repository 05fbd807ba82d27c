package io.lora4j.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SuggestionsTest {
    private static final List<String> KNOWN = List.of("learning_rate", "epochs", "batch", "lora-one", "lora", "sst2");

    @Test
    void findsTheNearestName() {
        assertEquals(Optional.of("learning_rate"), Suggestions.closest("lerning_rate", KNOWN));
        assertEquals(Optional.of("learning_rate"), Suggestions.closest("Learning-Rate", KNOWN));
        assertEquals(Optional.of("batch"), Suggestions.closest("bacth", KNOWN));
        assertEquals(Optional.of("lora-one"), Suggestions.closest("lora_one", KNOWN));
        assertEquals(Optional.of("lora"), Suggestions.closest("lroa", KNOWN));
        assertEquals("; did you mean \"lora\"?", Suggestions.didYouMean("lroa", KNOWN));
        assertEquals("; did you mean \"lora\"?", Suggestions.hint("lroa", KNOWN));
    }

    @Test
    void isSilentWhereNothingIsNear() {
        assertEquals(Optional.empty(), Suggestions.closest("pooling", KNOWN));
        assertEquals(Optional.empty(), Suggestions.closest("x", KNOWN));
        assertEquals("", Suggestions.didYouMean("zzz", KNOWN));
        assertEquals("; known: learning_rate, epochs, batch, lora-one, lora, sst2", Suggestions.hint("zzz", KNOWN));
    }
}
