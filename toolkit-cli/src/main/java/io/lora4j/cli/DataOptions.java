package io.lora4j.cli;

import io.lora4j.error.UserException;
import io.lora4j.recipes.bench.BenchMode;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code lora4j bench} needs for real data. */
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class DataOptions {
    private static final int PASSES = 5;

    @Option(names = "--data", paramLabel = "TASK", description = "A task's name: time it with real text and weights.")
    private @Nullable String task;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "The folder with the task's files; GLUE's has one folder per task.")
    private @Nullable Path dir;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "With --data: epochs, by default 1; with --mode infer passes over the dev set, by default 5.")
    private @Nullable Integer epochs;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "With --data: only so many training examples, the file's first.")
    private @Nullable Integer limit;

    @Option(
            names = "--bucket",
            paramLabel = "N",
            description =
                    "With --data: batches per chunk sorted by length, by default ${DEFAULT-VALUE}; 1: plain shuffle.")
    private int bucket = 20;

    @Parameters(
            paramLabel = "KEY=VALUE",
            description = "With --data: a recipe's keys, e.g. train.tokens=512; `lora4j ls keys` lists them.")
    private List<String> overrides = List.of();

    @Nullable
    String task() {
        return task;
    }

    @Nullable
    Path dir() {
        return dir;
    }

    int epochs(BenchMode mode) {
        return epochs != null ? epochs : mode == BenchMode.INFER ? PASSES : 1;
    }

    @Nullable
    Integer limit() {
        return limit;
    }

    int bucket() {
        return bucket;
    }

    List<String> overrides() {
        return overrides;
    }

    /** What has no meaning without a task must not be ignored in silence. */
    void refuseWithoutTask() {
        if (dir != null || epochs != null || limit != null || !overrides.isEmpty()) {
            throw new UserException("--data-dir, --epochs, --limit and KEY=VALUE are for real data: add --data TASK");
        }
    }
}
