package io.lora4j.datasets;

import org.jspecify.annotations.Nullable;

/**
 * One labelled row of a task.
 *
 * @param textA the sentence, or the first of a pair; not blank
 * @param textB the second of a pair; null for a task of single sentences
 * @param target the class or the score; the task's reader checks it against the file
 */
public record Example(String textA, @Nullable String textB, Target target) {
    /**
     * A row of a classification task.
     *
     * @param textA the sentence, or the first of a pair
     * @param textB the second of a pair, or null
     * @param label the class, an index into the task's labels, from 0
     */
    public Example(String textA, @Nullable String textB, int label) {
        this(textA, textB, Target.of(label));
    }

    /**
     * The class.
     *
     * @return an index into the task's labels, from 0
     * @throws IllegalStateException if the task asks for scores
     */
    public int label() {
        return target.label();
    }
}
