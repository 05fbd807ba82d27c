package io.lora4j.datasets;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which files a task has and what their columns mean.
 *
 * @param name the task's name, for results and messages
 * @param format how the files are laid out
 * @param trainFile the training file, relative to the data folder or absolute
 * @param devFile the evaluation file, likewise
 * @param header whether the first line of each file names the columns; JSONL has none
 * @param columnCount the number of cells in every row; 0 takes it from the first line; JSONL ignores it
 * @param textA the column of the sentence, or of the first of a pair
 * @param textB the column of the second of a pair; null for single sentences
 * @param label the column of the label
 * @param targets what the label is: one of two or more classes, or a score
 * @param skipsDamagedRows whether rows that lack a cell or a text are left out, with a warning, instead of refused: only for published
 *     files that have some
 */
public record TaskSpec(
        String name,
        DataFormat format,
        String trainFile,
        String devFile,
        boolean header,
        int columnCount,
        Column textA,
        @Nullable Column textB,
        Column label,
        Targets targets,
        boolean skipsDamagedRows) {
    /** Checks what can be checked without the files; a {@link DataException} names the task and the fault. */
    public TaskSpec {
        require(!name.isBlank(), name, "needs a name");
        require(columnCount >= 0, name, "cannot have " + columnCount + " columns");
        if (targets instanceof Targets.Classes classes) {
            check(name, classes);
        }
        boolean named = header || format == DataFormat.JSONL;
        for (Column column :
                Stream.of(textA, textB, label).filter(Objects::nonNull).toList()) {
            require(
                    column.name() == null || named,
                    name,
                    "names the column " + column + ", but its files have no header line: give its index");
            require(
                    column.index() < 0 || format != DataFormat.JSONL,
                    name,
                    "gives a column by index, but JSONL has names only");
            require(
                    columnCount == 0 || column.index() < columnCount,
                    name,
                    "uses column " + column + " of " + columnCount);
        }
        require(!textA.equals(textB), name, "uses the column " + textA + " for both texts");
        require(!label.equals(textA) && !label.equals(textB), name, "uses the column " + label + " for text and label");
    }

    /**
     * A classification task.
     *
     * @param name the task's name, for results and messages
     * @param format how the files are laid out
     * @param trainFile the training file, relative to the data folder or absolute
     * @param devFile the evaluation file, likewise
     * @param header whether the first line of each file names the columns
     * @param columnCount the number of cells in every row; 0 takes it from the first line
     * @param textA the column of the sentence, or of the first of a pair
     * @param textB the column of the second of a pair, or null
     * @param label the column of the label
     * @param labels the labels as the files write them, in the order of their classes, two or more
     * @param labelNames the labels as results print them, in the same order
     */
    public TaskSpec(
            String name,
            DataFormat format,
            String trainFile,
            String devFile,
            boolean header,
            int columnCount,
            Column textA,
            @Nullable Column textB,
            Column label,
            List<String> labels,
            List<String> labelNames) {
        this(
                name,
                format,
                trainFile,
                devFile,
                header,
                columnCount,
                textA,
                textB,
                label,
                new Targets.Classes(labels, labelNames),
                false);
    }

    /**
     * A task of a user's own: labels are printed as the files write them, the number of columns is that of the first line.
     *
     * @param name the task's name
     * @param format how the files are laid out
     * @param trainFile the training file, relative to the data folder or absolute
     * @param devFile the evaluation file, likewise
     * @param header whether the first line of each file names the columns
     * @param textA the column of the sentence, or of the first of a pair
     * @param textB the column of the second of a pair, or null
     * @param label the column of the label
     * @param labels the labels as the files write them, in the order of their classes
     * @return the task
     */
    public static TaskSpec of(
            String name,
            DataFormat format,
            String trainFile,
            String devFile,
            boolean header,
            Column textA,
            @Nullable Column textB,
            Column label,
            List<String> labels) {
        return of(name, format, trainFile, devFile, header, textA, textB, label, new Targets.Classes(labels, labels));
    }

    /**
     * A task of a user's own, of either kind; the number of columns is that of the first line.
     *
     * @param name the task's name
     * @param format how the files are laid out
     * @param trainFile the training file, relative to the data folder or absolute
     * @param devFile the evaluation file, likewise
     * @param header whether the first line of each file names the columns
     * @param textA the column of the sentence, or of the first of a pair
     * @param textB the column of the second of a pair, or null
     * @param label the column of the label
     * @param targets what the label is
     * @return the task
     */
    public static TaskSpec of(
            String name,
            DataFormat format,
            String trainFile,
            String devFile,
            boolean header,
            Column textA,
            @Nullable Column textB,
            Column label,
            Targets targets) {
        return new TaskSpec(name, format, trainFile, devFile, header, 0, textA, textB, label, targets, false);
    }

    /**
     * Whether each example has two texts.
     *
     * @return true for a task of sentence pairs
     */
    public boolean pair() {
        return textB != null;
    }

    /**
     * The labels as the files write them.
     *
     * @return in the order of their classes; empty for a task of scores
     */
    public List<String> labels() {
        return targets instanceof Targets.Classes classes ? classes.labels() : List.of();
    }

    /**
     * The labels as results print them.
     *
     * @return in the order of their classes; empty for a task of scores
     */
    public List<String> labelNames() {
        return targets instanceof Targets.Classes classes ? classes.names() : List.of();
    }

    private static void check(String task, Targets.Classes classes) {
        List<String> labels = classes.labels();
        require(labels.size() >= 2, task, "needs two or more labels, got " + labels);
        require(new HashSet<>(labels).size() == labels.size(), task, "names a label twice: " + labels);
        require(
                labels.stream().allMatch(value -> value.equals(value.strip()) && !value.isEmpty()),
                task,
                "has a label that is empty or has space around it: " + labels);
        require(
                classes.names().size() == labels.size(),
                task,
                "has " + labels.size() + " labels but " + classes.names().size() + " names for them");
    }

    private static void require(boolean condition, String task, String what) {
        if (!condition) {
            throw new DataException("task '" + task + "' " + what);
        }
    }
}
