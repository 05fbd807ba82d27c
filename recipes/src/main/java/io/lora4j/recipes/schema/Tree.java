package io.lora4j.recipes.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A YAML document in which every value knows where it was written. Immutable. */
public sealed interface Tree {
    /**
     * Where the value stands.
     *
     * @return file and line, or the override
     */
    Origin origin();

    /**
     * What the value is, for messages.
     *
     * @return e.g. {@code "eight"}, {@code a list}, {@code a block}
     */
    String describe();

    /**
     * A single value as it was written; the schema, not YAML's resolver, decides its type.
     *
     * @param text the text without quotes
     * @param quoted whether it was written in quotes or as a block of text
     * @param origin where it stands
     */
    record Scalar(String text, boolean quoted, Origin origin) implements Tree {
        /**
         * Whether this is YAML's null: nothing, {@code null} or {@code ~}, unquoted.
         *
         * @return true for null
         */
        public boolean isNull() {
            return !quoted && (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null"));
        }

        @Override
        public String describe() {
            return isNull() ? "nothing" : "\"" + text + "\"";
        }
    }

    /**
     * A list.
     *
     * @param items the values in order
     * @param origin where it begins
     */
    record Sequence(List<Tree> items, Origin origin) implements Tree {
        /** Copies the list. */
        public Sequence {
            items = List.copyOf(items);
        }

        @Override
        public String describe() {
            return "a list";
        }
    }

    /**
     * A block of keys.
     *
     * @param entries key to value, in the order written
     * @param origin where it begins
     */
    record Mapping(Map<String, Entry> entries, Origin origin) implements Tree {
        /** Copies the map, keeping its order. */
        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        @Override
        public String describe() {
            return "a block of keys";
        }
    }

    /**
     * A key's value.
     *
     * @param keyOrigin where the key stands
     * @param value the value
     */
    record Entry(Origin keyOrigin, Tree value) {}
}
