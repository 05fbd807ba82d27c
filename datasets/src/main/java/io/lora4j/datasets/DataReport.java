package io.lora4j.datasets;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Everything about a task's files, as {@code lora4j data show} prints it.
 *
 * @param task the task's name
 * @param parts one per file
 */
public record DataReport(String task, List<Part> parts) {
    /**
     * One file.
     *
     * @param split train, dev or test
     * @param file its name, relative to the data folder
     * @param summary what is in it; null if it is not there
     * @param examples its first rows
     */
    public record Part(String split, String file, @Nullable DataSummary summary, List<Sample> examples) {}

    /**
     * A row to look at.
     *
     * @param first the text, or a pair's first text
     * @param second a pair's second text, or null
     * @param answer the class's name or the score; null in a test file
     */
    public record Sample(
            String first, @Nullable String second, @Nullable String answer) {}

    /**
     * Reads a task's files and describes them.
     *
     * @param name a task of GLUE, {@code AX}, or a bundled task
     * @param folder the data folder; not looked at for a bundled task
     * @param examples how many rows of each file to show
     * @return the report; files that are not there have no summary
     * @throws DataException if there is no such task, none of its files is there, no folder is given, or a file is damaged
     */
    public static DataReport of(String name, @Nullable Path folder, int examples) {
        if (BundledTask.names().contains(name.toLowerCase(Locale.ROOT))) {
            return bundled(BundledTask.find(name), examples);
        }
        List<GlueFile> files = GlueFiles.of(name);
        if (folder == null) {
            throw new DataException(files.get(0).task() + " needs the folder that has "
                    + files.get(0).file() + ": add --data-dir DIR");
        }
        List<Part> parts = new ArrayList<>();
        for (GlueFile file : files) {
            parts.add(part(file, folder, examples));
        }
        if (parts.stream().allMatch(part -> part.summary() == null)) {
            throw new DataException("there is no "
                    + folder.resolve(files.get(0).file()).toAbsolutePath().normalize()
                    + ", and none of the other files of " + files.get(0).task()
                    + ": give the folder that has them with --data-dir DIR");
        }
        return new DataReport(files.get(0).task(), parts);
    }

    private static DataReport bundled(BundledTask task, int examples) {
        TaskData data = task.read();
        TaskSpec spec = task.spec();
        return new DataReport(
                task.taskName(),
                List.of(
                        labelled(GlueFile.Split.TRAIN, spec.trainFile(), spec, data.train(), examples),
                        labelled(GlueFile.Split.DEV, spec.devFile(), spec, data.dev(), examples)));
    }

    private static Part part(GlueFile file, Path folder, int examples) {
        if (!Files.exists(folder.resolve(file.file()))) {
            return new Part(name(file.split()), file.file(), null, List.of());
        }
        if (file.split() != GlueFile.Split.TEST) {
            TaskSpec spec = GlueTask.find(file.task()).spec();
            return labelled(file.split(), file.file(), spec, TaskReader.rows(spec, folder, file.file()), examples);
        }
        GlueTest test = GlueTest.ofFile(file.file());
        List<TestRow> rows = test.read(folder);
        List<Sample> samples = rows.stream()
                .limit(examples)
                .map(row -> new Sample(row.textA(), row.textB(), null))
                .toList();
        return new Part(name(file.split()), file.file(), DataSummary.ofTest(rows), samples);
    }

    private static Part labelled(GlueFile.Split split, String file, TaskSpec spec, List<Example> rows, int examples) {
        List<Sample> samples = rows.stream()
                .limit(examples)
                .map(row -> new Sample(row.textA(), row.textB(), answer(spec, row.target())))
                .toList();
        return new Part(name(split), file, DataSummary.of(spec, rows), samples);
    }

    private static String answer(TaskSpec spec, Target target) {
        return target instanceof Target.Score score
                ? Double.toString(score.score())
                : spec.labelNames().get(target.label());
    }

    private static String name(GlueFile.Split split) {
        return split.name().toLowerCase(Locale.ROOT);
    }
}
