package io.lora4j.datasets;

import io.lora4j.error.Suggestions;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The small tasks that come with this module, so that a first run needs no data: made by a generator in {@code
 * io.lora4j.datasets.bundled}, read from the class path. {@code DATACARD.md} beside the files says what they are and are not.
 */
@SuppressWarnings(
        "ImmutableEnumChecker") // TaskSpec is a record of immutable parts; it carries no annotation that says so
public enum BundledTask {
    /** One sentence: is it grammatical English? */
    ACCEPTABILITY(false, List.of("unacceptable", "acceptable")),
    /** One sentence: does its author like the thing? */
    SENTIMENT(false, List.of("negative", "positive")),
    /** Two sentences: do they say the same? */
    PARAPHRASE(true, List.of("not_equivalent", "equivalent"));

    private static final String ROOT = "/io/lora4j/datasets/bundled/";

    private final TaskSpec spec;

    BundledTask(boolean pair, List<String> labelNames) {
        String name = name().toLowerCase(Locale.ROOT);
        this.spec = new TaskSpec(
                name,
                DataFormat.TSV,
                name + "/train.tsv",
                name + "/dev.tsv",
                true,
                pair ? 3 : 2,
                Column.named(pair ? "sentence1" : "sentence"),
                pair ? Column.named("sentence2") : null,
                Column.named("label"),
                List.of("0", "1"),
                labelNames);
    }

    /**
     * The task's name.
     *
     * @return a lower-case word
     */
    public String taskName() {
        return spec.name();
    }

    /**
     * The task's columns and labels; the files' names are relative to the data set's folder on the class path.
     *
     * @return the task
     */
    public TaskSpec spec() {
        return spec;
    }

    /**
     * Reads the task from the class path.
     *
     * @return the rows, with the checksums of both files
     */
    public TaskData read() {
        return TaskReader.read(spec, resource(spec.trainFile()), resource(spec.devFile()));
    }

    /**
     * Finds a task by its name; case does not matter.
     *
     * @param name the name as the user wrote it
     * @return the task
     * @throws DataException if there is none: with the nearest name, and all known ones
     */
    public static BundledTask find(String name) {
        for (BundledTask task : values()) {
            if (task.taskName().equalsIgnoreCase(name)) {
                return task;
            }
        }
        List<String> known = names();
        throw new DataException("there is no bundled task \"" + name + "\"" + Suggestions.didYouMean(name, known)
                + "; known tasks: " + String.join(", ", known));
    }

    /**
     * The names of all bundled tasks.
     *
     * @return lower-case words
     */
    public static List<String> names() {
        return Arrays.stream(values()).map(BundledTask::taskName).collect(Collectors.toUnmodifiableList());
    }

    private static SourceFile resource(String file) {
        try (InputStream stream = BundledTask.class.getResourceAsStream(ROOT + file)) {
            if (stream == null) {
                throw new IllegalStateException("the class path lacks " + ROOT + file + ": the build is incomplete");
            }
            return new SourceFile("bundled " + file, stream.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + ROOT + file + " from the class path", e);
        }
    }
}
