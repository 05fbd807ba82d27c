package io.lora4j.recipes.bench;

import io.lora4j.error.UserException;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.method.HeadOnlySettings;
import io.lora4j.recipes.schema.RecipeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Real data to be timed, as the recipe it stands for.
 *
 * @param task the task's name
 * @param dataDir the folder with its files; null for bundled tasks
 * @param mode {@link BenchMode#LORA} or {@link BenchMode#FULL} for training epochs, {@link BenchMode#INFER} for passes over the dev set
 * @param model the encoder, with its real weights
 * @param targets where adapters are
 * @param rank r of the adapters
 * @param alpha the scaling's numerator
 * @param batch examples of a step
 * @param dropout of the encoder in training; null for that of its configuration
 * @param epochs of training, or timed passes over the dev set
 * @param warmup passes over the dev set before the timed ones; without meaning in training, where the first steps count
 * @param bucket batches per chunk that is sorted by length
 * @param limit only so many training examples, the first of the file; null for all
 * @param threads threads of the matrix products and of the kernels
 * @param seed of the run
 * @param overrides {@code key=value} of recipes, laid over all that
 */
public record DataBenchConfig(
        String task,
        @Nullable Path dataDir,
        BenchMode mode,
        BenchModel model,
        BenchTargets targets,
        int rank,
        double alpha,
        int batch,
        @Nullable Double dropout,
        int epochs,
        int warmup,
        int bucket,
        @Nullable Integer limit,
        int threads,
        long seed,
        List<String> overrides) {
    private static final String BASE = """
            name: bench
            model: {name: all-MiniLM-L6-v2, pooling: mean, max_length: 128}
            task: none
            methods: [{name: lora, learning_rate: 1e-3}]
            adapter: {rank: 8, alpha: 16, targets: [query, value]}
            train: {epochs: 1, batch: 32, schedule: linear, warmup_ratio: 0.06, weight_decay: 0.01, max_grad_norm: 0}
            eval: {each: epoch}
            """;

    /**
     * Copies the list and checks what no recipe checks.
     *
     * @throws UserException naming the option, its value and the limit
     */
    public DataBenchConfig {
        overrides = List.copyOf(overrides);
        if (mode == BenchMode.GRAD) {
            throw new UserException("--data is for --mode lora, full or infer, not grad");
        }
        BenchConfig.within("--epochs", epochs, 1, 10_000);
        BenchConfig.within("--warmup", warmup, 0, 1_000_000);
        BenchConfig.within("--threads", threads, 1, Runtime.getRuntime().availableProcessors());
    }

    /**
     * The recipe whose trial is timed: one LoRA or full trial without the head-only baseline.
     *
     * @return a valid recipe
     * @throws RecipeException with every value that does not fit
     */
    public Recipe recipe() {
        Recipe read = read();
        List<Recipe.MethodChoice> timed = read.methods().stream()
                .filter(method -> !(method.settings() instanceof HeadOnlySettings))
                .toList();
        return new Recipe(
                read.name(),
                read.description(),
                read.model(),
                read.task(),
                read.data(),
                timed,
                read.adapter(),
                read.gradient(),
                read.train(),
                read.eval(),
                read.diagnostics());
    }

    private Recipe read() {
        Path file = null;
        try {
            file = Files.createTempFile("lora4j-bench", ".yaml");
            Files.writeString(file, BASE);
            return RecipeReader.read(file, values());
        } catch (IOException e) {
            throw new UserException("cannot write to the folder for temporary files: " + e.getMessage(), e);
        } finally {
            delete(file);
        }
    }

    private static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            Objects.requireNonNull(file).toFile().deleteOnExit();
        }
    }

    /** The options as a recipe's keys. */
    private List<String> values() {
        List<String> values = new ArrayList<>(List.of(
                "model.name=" + model.known,
                "task=" + task,
                "adapter.rank=" + rank,
                "adapter.alpha=" + alpha,
                "adapter.targets=" + (targets == BenchTargets.ALL ? "all-linear" : targets.modules()),
                "train.length_group=" + bucket,
                "train.seeds=" + seed));
        // A recipe takes one of two; what is typed as a key wins over an option.
        if (overrides.stream().noneMatch(key -> key.startsWith("train.tokens="))) {
            values.add("train.batch=" + batch);
        }
        if (overrides.stream().noneMatch(key -> key.startsWith("train.steps="))) {
            values.add("train.epochs=" + epochs);
        }
        if (mode == BenchMode.FULL) {
            values.add("methods=[{name: full, learning_rate: 5e-5}]");
        }
        if (dataDir != null) {
            values.add("data.dir=" + dataDir);
        }
        if (limit != null) {
            values.add("data.max_train_samples=" + limit);
        }
        if (dropout != null) {
            values.add("train.dropout=" + dropout);
        }
        values.addAll(overrides);
        return values;
    }
}
