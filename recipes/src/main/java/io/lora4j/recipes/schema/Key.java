package io.lora4j.recipes.schema;

import org.jspecify.annotations.Nullable;

/**
 * A key of a section.
 *
 * @param name as it is written
 * @param type the values it may have
 * @param required whether it must be given
 * @param fallback the value if it is not given; null if it then has none
 * @param doc one line: what it does
 * @param <T> the Java type of its value
 */
public record Key<T>(
        String name,
        Type<T> type,
        boolean required,
        @Nullable T fallback,
        String doc) {
    /**
     * A key that must be given.
     *
     * @param name as it is written
     * @param type the values it may have
     * @param doc one line: what it does
     * @param <T> the Java type of its value
     * @return the key
     */
    public static <T> Key<T> required(String name, Type<T> type, String doc) {
        return new Key<>(name, type, true, null, doc);
    }

    /**
     * A key that may be left out and then has no value.
     *
     * @param name as it is written
     * @param type the values it may have
     * @param doc one line: what it does, and what happens without it
     * @param <T> the Java type of its value
     * @return the key
     */
    public static <T> Key<T> optional(String name, Type<T> type, String doc) {
        return new Key<>(name, type, false, null, doc);
    }

    /**
     * A key that may be left out.
     *
     * @param name as it is written
     * @param type the values it may have
     * @param fallback the value it then has
     * @param doc one line: what it does
     * @param <T> the Java type of its value
     * @return the key
     */
    public static <T> Key<T> withDefault(String name, Type<T> type, T fallback, String doc) {
        return new Key<>(name, type, false, fallback, doc);
    }
}
