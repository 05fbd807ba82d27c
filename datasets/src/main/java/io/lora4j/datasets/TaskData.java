package io.lora4j.datasets;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A task in memory: immutable, rows in file order.
 *
 * @param task the task's name as results print it
 * @param labels names of the classes; an example's label is an index into them; empty for a task of scores
 * @param pair whether each example has two texts
 * @param train training examples, at least one
 * @param dev evaluation examples, at least one
 * @param sha256ByFile for each file that was read, its name (relative to the data folder) and the SHA-256 of its bytes in
 *     lower-case hexadecimal
 */
public record TaskData(
        String task,
        List<String> labels,
        boolean pair,
        List<Example> train,
        List<Example> dev,
        Map<String, String> sha256ByFile) {
    /** Copies the collections, so that the task cannot change behind a run's back. */
    public TaskData {
        labels = List.copyOf(labels);
        train = List.copyOf(train);
        dev = List.copyOf(dev);
        sha256ByFile = Collections.unmodifiableMap(new LinkedHashMap<>(sha256ByFile));
    }

    /**
     * Counts the labels of some examples.
     *
     * @param examples examples of this task
     * @return for each label, in the order of {@link #labels()}, how many examples carry it
     * @throws IllegalStateException if this is a task of scores
     */
    public int[] labelCounts(List<Example> examples) {
        int[] counts = new int[labels.size()];
        for (Example example : examples) {
            counts[example.label()]++;
        }
        return counts;
    }
}
