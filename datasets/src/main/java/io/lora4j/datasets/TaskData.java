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
 * @param otherDevs further evaluation sets by name, as MNLI's {@code mismatched}; empty for nearly every task
 */
public record TaskData(
        String task,
        List<String> labels,
        boolean pair,
        List<Example> train,
        List<Example> dev,
        Map<String, String> sha256ByFile,
        Map<String, List<Example>> otherDevs) {
    /** Copies the collections, so that the task cannot change behind a run's back. */
    public TaskData {
        labels = List.copyOf(labels);
        train = List.copyOf(train);
        dev = List.copyOf(dev);
        sha256ByFile = Collections.unmodifiableMap(new LinkedHashMap<>(sha256ByFile));
        Map<String, List<Example>> others = new LinkedHashMap<>();
        otherDevs.forEach((name, examples) -> others.put(name, List.copyOf(examples)));
        otherDevs = Collections.unmodifiableMap(others);
    }

    /**
     * A task with one evaluation set.
     *
     * @param task the task's name as results print it
     * @param labels names of the classes; empty for a task of scores
     * @param pair whether each example has two texts
     * @param train training examples, at least one
     * @param dev evaluation examples, at least one
     * @param sha256ByFile for each file that was read, its name and the SHA-256 of its bytes
     */
    public TaskData(
            String task,
            List<String> labels,
            boolean pair,
            List<Example> train,
            List<Example> dev,
            Map<String, String> sha256ByFile) {
        this(task, labels, pair, train, dev, sha256ByFile, Map.of());
    }

    /**
     * Whether the task asks for scores instead of classes.
     *
     * @return true if there are no labels
     */
    public boolean scores() {
        return labels.isEmpty();
    }

    /**
     * The number of outputs that a network for the task has.
     *
     * @return the number of classes; 1 for scores
     */
    public int outputs() {
        return scores() ? 1 : labels.size();
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
