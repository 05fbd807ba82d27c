package io.lora4j.recipes.schema;

import org.jspecify.annotations.Nullable;

/**
 * What values a key may have.
 *
 * @param <T> the Java type of a value
 */
public interface Type<T> {
    /**
     * Reads a value.
     *
     * @param tree what was written; never YAML's null
     * @param path the key's full name for messages, e.g. {@code adapter.rank}
     * @param problems told if the value does not fit
     * @return the value, or null if a problem was told
     */
    @Nullable
    T read(Tree tree, String path, Problems problems);

    /**
     * The allowed values in words.
     *
     * @return what completes "must be ...", e.g. {@code a whole number from 1 to 4096}
     */
    String describe();

    /**
     * The allowed values as data, for editors and reference pages.
     *
     * @return every value that {@link #read} takes has this shape
     */
    default Shape shape() {
        return new Shape.Anything();
    }
}
