package io.lora4j.recipes.run;

import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.datasets.Example;
import io.lora4j.datasets.TaskData;
import io.lora4j.datasets.TokenCache;
import io.lora4j.error.UserException;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.models.ModelStore;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.KnownTasks;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/** A trained adapter on the evaluation sets of a task, measured as a run measures it. */
public final class AdapterEvaluation {
    /** The name of the set that {@link TaskData#dev} is. */
    public static final String DEV = "dev";

    /** Those of a recipe that does not say otherwise. */
    private static final int TOKENS = 2048;

    private AdapterEvaluation() {}

    /**
     * Evaluates.
     *
     * @param loaded the adapter and its base
     * @param task a task's name as recipes write it
     * @param data the folder with the task's files; null for a bundled task
     * @return the metrics over whole evaluation sets by name: {@value #DEV} first, then those of {@link TaskData#otherDevs}
     * @throws UserException if the task is unknown, its files are missing, or its labels are not those of the adapter
     */
    public static Map<String, TaskMetrics> of(LoadedAdapter loaded, String task, @Nullable Path data) {
        return of(loaded, task, data, ModelStore.defaultHome());
    }

    /** With the tokens of texts kept below {@code home}. */
    static Map<String, TaskMetrics> of(LoadedAdapter loaded, String task, @Nullable Path data, Path home) {
        TaskData rows = KnownTasks.read(task, data);
        if (!rows.labels().equals(loaded.labels())) {
            throw new UserException("the adapter says " + described(loaded.labels()) + ", " + task + " asks for "
                    + described(rows.labels()) + ": it was trained on another task");
        }
        TokenCache cache = new TokenCache(home.resolve("tokens"));
        Map<String, TaskMetrics> metrics = new LinkedHashMap<>();
        try (GraphTwins twins = loaded.merged().twins(ExampleCost.TOKENS, GraphTwins.usefulThreads())) {
            metrics.put(DEV, evaluate(twins, loaded, rows.dev(), cache));
            rows.otherDevs().forEach((name, set) -> metrics.put(name, evaluate(twins, loaded, set, cache)));
        }
        return metrics;
    }

    private static TaskMetrics evaluate(
            GraphTwins twins, LoadedAdapter loaded, List<Example> examples, TokenCache cache) {
        EvaluationBatches batches = new EvaluationBatches(
                cache.encode(
                        examples,
                        loaded.base().tokenizer().sha256(),
                        loaded.maxLength(),
                        Workbench.encoder(loaded.base().tokenizer())),
                Integer.MAX_VALUE,
                TOKENS,
                loaded.outputs(),
                DataType.FLOAT);
        return Evaluator.evaluate(twins, batches, loaded.outputs(), 0);
    }

    private static String described(List<String> labels) {
        return labels.isEmpty() ? "numbers" : String.join(", ", labels);
    }
}
