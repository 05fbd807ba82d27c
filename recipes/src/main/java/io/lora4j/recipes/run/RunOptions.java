package io.lora4j.recipes.run;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a run reads and writes; nothing of it changes a result.
 *
 * @param home the cache of models, tokens and estimated gradients
 * @param runs the folder that gets {@code RECIPE/TIME-SEED} if no output is named
 * @param output the run directory; null for one below {@code runs}
 * @param program what the program knows of itself, for the provenance, e.g. {@code lora4j} to its version and {@code commit}
 * @param stop asked before every optimiser step; once true, the run writes a checkpoint and ends with {@link RunInterruptedException}
 * @param helpers other processes that take trials
 */
public record RunOptions(
        Path home,
        Path runs,
        @Nullable Path output,
        Map<String, String> program,
        BooleanSupplier stop,
        Helpers helpers) {
    /** Copies the map, keeping its order. */
    public RunOptions {
        program = Collections.unmodifiableMap(new LinkedHashMap<>(program));
    }

    /**
     * The same with another run directory.
     *
     * @param folder the run directory
     * @return new options
     */
    public RunOptions withOutput(Path folder) {
        return new RunOptions(home, runs, folder, program, stop, helpers);
    }

    /**
     * For a run without helpers.
     *
     * @param home the cache of models, tokens and estimated gradients
     * @param runs the folder that gets {@code RECIPE/TIME-SEED} if no output is named
     * @param output the run directory; null for one below {@code runs}
     * @param program what the program knows of itself
     * @param stop asked before every optimiser step
     */
    public RunOptions(Path home, Path runs, @Nullable Path output, Map<String, String> program, BooleanSupplier stop) {
        this(home, runs, output, program, stop, Helpers.NONE);
    }

    /**
     * The same with other processes that take trials.
     *
     * @param others starts them
     * @return new options
     */
    public RunOptions withHelpers(Helpers others) {
        return new RunOptions(home, runs, output, program, stop, others);
    }

    /**
     * For a run that nobody stops.
     *
     * @param home the cache of models and tokens
     * @param runs the folder that gets {@code RECIPE/TIME-SEED} if no output is named
     * @param output the run directory; null for one below {@code runs}
     * @param program what the program knows of itself
     */
    public RunOptions(Path home, Path runs, @Nullable Path output, Map<String, String> program) {
        this(home, runs, output, program, () -> false);
    }
}
