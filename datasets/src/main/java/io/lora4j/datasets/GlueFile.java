package io.lora4j.datasets;

import org.jspecify.annotations.Nullable;

/**
 * What is known about one published file of GLUE.
 *
 * @param task the task's name, or {@code AX}
 * @param split what the file is for
 * @param file its name, relative to the data folder
 * @param rows the published number of rows, without a header
 * @param sha256 the checksum of the original file, in lower-case hexadecimal; null if it was not measured
 */
public record GlueFile(
        String task,
        Split split,
        String file,
        int rows,
        @Nullable String sha256) {
    /** What a file is for. */
    public enum Split {
        /** Training, with labels. */
        TRAIN,
        /** Evaluation, with labels. */
        DEV,
        /** The leaderboard's, without labels. */
        TEST
    }

    /** CoLA's labelled files alone have no header line. */
    boolean header() {
        return !task.equals("CoLA") || split == Split.TEST;
    }
}
