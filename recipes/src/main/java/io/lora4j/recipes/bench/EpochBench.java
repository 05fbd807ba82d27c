package io.lora4j.recipes.bench;

import io.lora4j.error.UserException;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.run.ComparisonResult;
import io.lora4j.recipes.run.ComparisonRunner;
import io.lora4j.recipes.run.FailedTrial;
import io.lora4j.recipes.run.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Real epochs of a task, timed as a run has them: {@link ComparisonRunner#run} with tokenizer, weights, dropout, evaluation and all files
 * that it writes, in a folder that is removed afterwards.
 */
public final class EpochBench {
    private final DataBenchConfig config;
    private final Recipe recipe;
    private final Path home;

    /**
     * Reads the recipe and sets the number of threads for the whole process.
     *
     * @param config what to time
     * @param home the cache of models and tokens
     * @throws UserException if a value does not fit
     */
    public EpochBench(DataBenchConfig config, Path home) {
        this.config = config;
        this.recipe = config.recipe();
        this.home = home;
        StepBench.useThreads(config.threads());
    }

    /**
     * Trains and evaluates.
     *
     * @param heard gets a line as soon as an epoch is over
     * @return the closing line
     * @throws UserException if the data or the model cannot be used
     */
    public BenchResult run(Consumer<BenchResult> heard) {
        EpochClock clock = new EpochClock(config, recipe, heard);
        Path folder = temporary();
        try {
            ComparisonResult result =
                    ComparisonRunner.run(recipe, new RunOptions(home, folder, folder.resolve("run"), Map.of()), clock);
            for (FailedTrial failed : result.failures()) {
                throw new UserException("there is nothing to measure: " + failed.key() + ": " + failed.message());
            }
        } finally {
            delete(folder);
        }
        return clock.closing();
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("lora4j-bench");
        } catch (IOException e) {
            throw new UserException("cannot write to the folder for temporary files: " + e.getMessage(), e);
        }
    }

    private static void delete(Path folder) {
        List<Path> content;
        try (Stream<Path> files = Files.walk(folder)) {
            content = files.sorted(Comparator.reverseOrder()).toList();
        } catch (IOException e) {
            throw new UserException("cannot remove " + folder + ": " + e.getMessage(), e);
        }
        for (Path path : content) {
            if (!path.toFile().delete()) {
                path.toFile().deleteOnExit();
            }
        }
    }
}
