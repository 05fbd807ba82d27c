package io.lora4j.recipes.schema;

import java.nio.file.Path;

/**
 * Where a value was written.
 *
 * @param where for messages: {@code FILE:LINE}, or {@code command line: KEY=VALUE}
 * @param line the line, counted from 1; {@link #NO_LINE} if there is none
 * @param base the folder against which a relative path in the value is resolved: the file's folder, or for a value typed on the
 *     command line the current working directory
 */
public record Origin(String where, int line, Path base) {
    /** The line of a value that was typed on the command line: behind all lines of the file. */
    public static final int NO_LINE = Integer.MAX_VALUE;

    /**
     * Whether the value was typed on the command line.
     *
     * @return true for an override, false for a value of the file
     */
    public boolean isOverride() {
        return line == NO_LINE;
    }
}
