package io.lora4j.datasets;

import org.jspecify.annotations.Nullable;

/**
 * A column of a data file, named by its header or by its position.
 *
 * @param name the name in the header line (or the member's name in JSONL), matched exactly; null if the position is given
 * @param index the position, counted from 0; -1 if the name is given
 */
public record Column(@Nullable String name, int index) {
    /** Checks that exactly one of name and position is given. */
    public Column {
        if ((name == null) == (index < 0)) {
            throw new IllegalArgumentException(
                    "a column has either a name or an index of 0 or more, got name " + name + " and index " + index);
        }
    }

    /**
     * A column by its name in the header.
     *
     * @param name the name, matched exactly
     * @return the column
     */
    public static Column named(String name) {
        return new Column(name, -1);
    }

    /**
     * A column by its position.
     *
     * @param index the position, counted from 0
     * @return the column
     */
    public static Column at(int index) {
        return new Column(null, index);
    }

    @Override
    public String toString() {
        return name != null ? "'" + name + "'" : "number " + index + " (counted from 0)";
    }
}
