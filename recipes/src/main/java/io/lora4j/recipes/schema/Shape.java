package io.lora4j.recipes.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What values a {@link Type} takes, as data: what schema files for editors, reference pages and completion scripts are made from.
 * Immutable.
 */
public sealed interface Shape {
    /** No shape is known: anything may be right. */
    record Anything() implements Shape {}

    /**
     * Text; a number or a truth value is text too where text is asked for.
     *
     * @param words the form in words, e.g. {@code text} or {@code a path}
     * @param form a regular expression that the whole text matches; null for any text
     */
    record Text(String words, @Nullable String form) implements Shape {}

    /**
     * A whole number.
     *
     * @param words the range in words
     * @param min the smallest; {@link Long#MIN_VALUE} for no limit
     * @param max the largest; {@link Long#MAX_VALUE} for no limit
     */
    record Whole(String words, long min, long max) implements Shape {}

    /**
     * A finite number.
     *
     * @param words the range in words
     * @param least the lower limit; minus infinity for none
     * @param leastAllowed whether the lower limit itself is allowed
     * @param below the upper limit, itself not allowed; infinity for none
     */
    record Real(String words, double least, boolean leastAllowed, double below) implements Shape {}

    /** True or false. */
    record Truth() implements Shape {}

    /**
     * One of some names.
     *
     * @param names the names in the order they are listed
     */
    record Choice(List<String> names) implements Shape {
        /** Copies the list. */
        public Choice {
            names = List.copyOf(names);
        }
    }

    /**
     * A list of items that differ.
     *
     * @param item what an item is
     * @param single whether one item may be written without brackets
     * @param min the fewest items
     * @param max the most items; {@link Integer#MAX_VALUE} for no limit
     */
    record Several(Shape item, boolean single, int min, int max) implements Shape {}

    /**
     * A block of keys.
     *
     * @param section the keys
     */
    record Block(Section<?> section) implements Shape {}

    /**
     * A block of keys that other blocks have, each with a list of values.
     *
     * @param words which keys, in words
     */
    record Lists(String words) implements Shape {}

    /**
     * A block in which one key says which other keys there are.
     *
     * @param key the key whose value is the name of one of the sections
     * @param sections the blocks, each with that key
     */
    record Named(String key, List<Section<?>> sections) implements Shape {
        /** Copies the list. */
        public Named {
            sections = List.copyOf(sections);
        }
    }

    /**
     * One of several shapes.
     *
     * @param shapes the shapes, at least two
     */
    record Either(List<Shape> shapes) implements Shape {
        /** Copies the list. */
        public Either {
            shapes = List.copyOf(shapes);
        }
    }
}
