package io.lora4j.datasets;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The tasks that have a name, and whether their files are there. */
public final class DataCatalog {
    private DataCatalog() {}

    /**
     * One task.
     *
     * @param name its name
     * @param kind what goes in and what is asked for, in a few words
     * @param metrics the figures it is ranked by, in lower case; empty if it has no official ones
     * @param files how many files it has
     * @param found how many of them are there: all of a bundled task's, and those in the folder of a task of GLUE
     * @param bundled whether it comes with this module
     */
    public record Entry(String name, String kind, List<String> metrics, int files, int found, boolean bundled) {}

    /**
     * Lists all tasks.
     *
     * @param folder the data folder; null finds no files of GLUE
     * @return bundled tasks, then GLUE's in the order of its leaderboard, then the diagnostics
     */
    public static List<Entry> list(@Nullable Path folder) {
        List<Entry> entries = new ArrayList<>();
        for (BundledTask task : BundledTask.values()) {
            entries.add(new Entry(task.taskName(), kind(task.spec()), List.of(), 2, 2, true));
        }
        for (GlueTask task : GlueTask.values()) {
            List<String> metrics =
                    task.metrics().stream().map(DataCatalog::name).toList();
            entries.add(glue(task.taskName(), kind(task.spec()), metrics, folder));
        }
        String diagnostics = "test of " + GlueTask.MNLI.taskName() + ", " + kind(GlueTask.MNLI.spec());
        entries.add(glue(GlueFiles.AX, diagnostics, List.of(name(Metric.MATTHEWS)), folder));
        return entries;
    }

    private static Entry glue(String name, String kind, List<String> metrics, @Nullable Path folder) {
        List<GlueFile> files = GlueFiles.of(name);
        long found = folder == null
                ? 0
                : files.stream()
                        .filter(file -> Files.isRegularFile(folder.resolve(file.file())))
                        .count();
        return new Entry(name, kind, metrics, files.size(), (int) found, false);
    }

    private static String kind(TaskSpec spec) {
        String texts = spec.pair() ? "pair, " : "sentence, ";
        return spec.targets() instanceof Targets.Scores scores
                ? texts + "score " + Math.round(scores.least()) + " to " + Math.round(scores.greatest())
                : texts + spec.labels().size() + " classes";
    }

    private static String name(Metric metric) {
        return metric.name().toLowerCase(Locale.ROOT);
    }
}
