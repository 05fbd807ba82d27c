package io.lora4j.datasets;

import org.jspecify.annotations.Nullable;

/**
 * One labelled row of a task.
 *
 * @param textA the sentence, or the first of a pair; not blank
 * @param textB the second of a pair; null for a task of single sentences
 * @param label the class, an index into the task's labels, from 0
 */
public record Example(String textA, @Nullable String textB, int label) {
    /** Checks that the label is no negative number; the task's reader checks the rest against the file. */
    public Example {
        if (label < 0) {
            throw new IllegalArgumentException("label " + label + " is negative");
        }
    }
}
