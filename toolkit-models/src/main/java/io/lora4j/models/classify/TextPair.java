package io.lora4j.models.classify;

import org.jspecify.annotations.Nullable;

/**
 * What is classified.
 *
 * @param first the text, or a pair's first text
 * @param second a pair's second text; null for a single text
 */
public record TextPair(String first, @Nullable String second) {
    /**
     * A single text.
     *
     * @param text the text
     * @return the text without a second one
     */
    public static TextPair of(String text) {
        return new TextPair(text, null);
    }
}
