package io.lora4j.recipes.run;

import io.lora4j.datasets.EvaluationBatches;
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
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/** A trained adapter on the dev set of a task, measured as a run measures it. */
public final class AdapterEvaluation {
    /** Those of a recipe that does not say otherwise. */
    private static final int TOKENS = 2048;

    private AdapterEvaluation() {}

    /**
     * Evaluates.
     *
     * @param loaded the adapter and its base
     * @param task a task's name as recipes write it
     * @param data the folder with the task's files; null for a bundled task
     * @return the metrics over the whole dev set
     * @throws UserException if the task is unknown, its files are missing, or its labels are not those of the adapter
     */
    public static TaskMetrics of(LoadedAdapter loaded, String task, @Nullable Path data) {
        TaskData rows = KnownTasks.read(task, data);
        if (!rows.labels().equals(loaded.labels())) {
            throw new UserException("the adapter's labels are " + String.join(", ", loaded.labels()) + ", those of "
                    + task + " are " + String.join(", ", rows.labels()) + ": it was trained on another task");
        }
        TokenCache cache = new TokenCache(ModelStore.defaultHome().resolve("tokens"));
        EvaluationBatches batches = new EvaluationBatches(
                cache.encode(
                        rows.dev(),
                        loaded.base().tokenizer().sha256(),
                        loaded.maxLength(),
                        Workbench.encoder(loaded.base().tokenizer())),
                Integer.MAX_VALUE,
                TOKENS,
                rows.labels().size(),
                DataType.FLOAT);
        try (GraphTwins twins = loaded.merged().twins(ExampleCost.TOKENS, GraphTwins.usefulThreads())) {
            return Evaluator.evaluate(twins, batches, rows.labels().size(), 0);
        }
    }
}
