package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.datasets.TaskData;
import io.lora4j.datasets.TokenCache;
import io.lora4j.error.UserException;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.Recipe;
import java.nio.file.Path;

/**
 * The classifier of a recipe before training, over the recipe's dev set: what an evaluation costs. Threads and their copies of the graph are
 * kept between passes, until it is closed. Not thread-safe.
 */
public final class DevPass implements AutoCloseable {
    private final Workbench bench;
    private final EvaluationBatches batches;
    private final GraphTwins twins;

    private DevPass(Workbench bench) {
        this.bench = bench;
        this.batches = bench.devBatches();
        AdaptedModel model = AdaptedModel.of(
                bench.plain(
                        bench.model().config(), bench.recipe().train().seeds().get(0)),
                bench.model().weights());
        this.twins = model.twins(ExampleCost.TOKENS, GraphTwins.usefulThreads());
    }

    /**
     * Reads data and weights and tokenizes.
     *
     * @param recipe names task, encoder, pooling and batches of the evaluation
     * @param home the cache of models and tokens
     * @return a pass that can be run as often as wanted
     * @throws UserException if data or model cannot be used
     */
    public static DevPass of(Recipe recipe, Path home) {
        TaskData data = Workbench.readData(recipe);
        PretrainedModel model = new ModelStore(home).load(recipe.model().name(), ComparisonRunner.DTYPE);
        return new DevPass(Workbench.of(recipe, model, data, new TokenCache(home.resolve("tokens"))));
    }

    /**
     * Evaluates once.
     *
     * @return the scores of a head that has learnt nothing
     */
    public TaskMetrics run() {
        return Evaluator.evaluate(twins, batches, bench.outputs(), 0);
    }

    /** Ends the threads. */
    @Override
    public void close() {
        twins.close();
    }

    /**
     * The size of the dev set.
     *
     * @return examples
     */
    public int examples() {
        return batches.exampleCount();
    }

    /**
     * What is computed for one pass.
     *
     * @return batches
     */
    public int batches() {
        return batches.batchCount();
    }

    /**
     * Tokens of the dev set, special ones included.
     *
     * @return their number
     */
    public long tokens() {
        return Workbench.tokens(bench.dev());
    }
}
