package io.lora4j.datasets;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a task of GLUE with everything it is measured on: MNLI beside its matched dev set, which is {@link TaskData#dev}, on the mismatched one
 * ({@value #MISMATCHED}), and on the diagnostics ({@value #DIAGNOSTICS}) where their labels are there ({@value #DIAGNOSTICS_FILE}, which the
 * benchmark's authors published beside the unlabelled test file).
 */
public final class GlueReader {
    /** MNLI's dev set of other genres. */
    public static final String MISMATCHED = "mismatched";
    /** The labelled diagnostics. */
    public static final String DIAGNOSTICS = "ax";
    /** The file of the labelled diagnostics; nobody needs to have it. */
    public static final String DIAGNOSTICS_FILE = "AX/diagnostic-full.tsv";

    private GlueReader() {}

    /**
     * Reads all files but the test files whole.
     *
     * @param task the task
     * @param folder the data folder
     * @return the rows, in file order, with the checksums of the files
     * @throws DataException as {@link TaskReader#read} does
     */
    public static TaskData read(GlueTask task, Path folder) {
        TaskData data = TaskReader.read(task.spec(), folder);
        if (task != GlueTask.MNLI) {
            return data;
        }
        Map<String, String> sha256 = new LinkedHashMap<>(data.sha256ByFile());
        Map<String, List<Example>> others = new LinkedHashMap<>();
        others.put(MISMATCHED, rows(task.spec(), folder, task.devFiles().get(1), sha256));
        if (Files.isRegularFile(folder.resolve(DIAGNOSTICS_FILE))) {
            others.put(DIAGNOSTICS, rows(diagnostics(), folder, DIAGNOSTICS_FILE, sha256));
        }
        return new TaskData(data.task(), data.labels(), data.pair(), data.train(), data.dev(), sha256, others);
    }

    private static List<Example> rows(TaskSpec spec, Path folder, String name, Map<String, String> sha256) {
        SourceFile file = SourceFile.read(TaskReader.existing(spec.name(), folder, name));
        sha256.put(name, file.sha256());
        return new RowParser(spec, file).parse();
    }

    /** Eight columns: four of linguistic categories, the domain, premise, hypothesis, label. */
    private static TaskSpec diagnostics() {
        return TaskSpec.of(
                GlueFiles.AX,
                DataFormat.TSV,
                DIAGNOSTICS_FILE,
                DIAGNOSTICS_FILE,
                true,
                Column.named("Premise"),
                Column.named("Hypothesis"),
                Column.named("Label"),
                GlueTask.MNLI.spec().targets());
    }
}
