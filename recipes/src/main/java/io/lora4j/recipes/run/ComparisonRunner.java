package io.lora4j.recipes.run;

import io.lora4j.datasets.Example;
import io.lora4j.datasets.TaskData;
import io.lora4j.datasets.TokenCache;
import io.lora4j.error.DivergedException;
import io.lora4j.error.UserException;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.table.ResultTable;
import io.lora4j.recipes.table.TableCsv;
import io.lora4j.recipes.table.TableText;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs all trials of a recipe, one after the other, seed by seed.
 *
 * <p>Deterministic: the same recipe, data, model and machine give the same {@code metrics.jsonl} to the last byte.
 */
public final class ComparisonRunner {
    private static final Logger LOG = LoggerFactory.getLogger(ComparisonRunner.class);

    /** Data type of the encoder and of training. */
    static final DataType DTYPE = DataType.FLOAT;

    private final Workbench bench;
    private final RunDirectory directory;
    private final RunListener listener;
    private final ClassificationMetrics majority;
    private final List<TrialResult> finished = new ArrayList<>();

    private ComparisonRunner(Workbench bench, RunDirectory directory, RunListener listener) {
        this.bench = bench;
        this.directory = directory;
        this.listener = listener;
        int[] labels = bench.data().dev().stream().mapToInt(Example::label).toArray();
        this.majority = ClassificationMetrics.majorityBaseline(labels, bench.labels());
    }

    /**
     * Runs a recipe.
     *
     * @param recipe what to run
     * @param options where to read and write
     * @param listener hears of the progress
     * @return all trials and the table, which are also in the run directory
     * @throws UserException if the run directory, the data or the model cannot be used, or the adapter does not fit the model; then no
     *     run directory is left behind
     * @throws DivergedException if a trial meets a NaN or an infinity; what was finished before it is written, and so is the trial
     *     with the status {@code diverged}
     */
    public static ComparisonResult run(Recipe recipe, RunOptions options, RunListener listener) {
        RunDirectory directory = claim(recipe, options);
        ComparisonRunner runner;
        try {
            listener.onPhase("reading " + recipe.task().name());
            TaskData data = Workbench.readData(recipe);
            listener.onPhase("loading " + recipe.model().name());
            PretrainedModel model =
                    new ModelStore(options.home()).load(recipe.model().name(), DTYPE);
            listener.onPhase("encoding " + (data.train().size() + data.dev().size()) + " examples");
            TokenCache cache = new TokenCache(options.home().resolve("tokens"));
            Workbench bench = Workbench.of(recipe, model, data, cache);
            Json.text(directory.resolve("recipe.yaml"), recipe.toYaml());
            Json.write(directory.resolve("provenance.json"), Provenance.of(recipe, model, data, options.program()));
            runner = new ComparisonRunner(bench, directory, listener);
        } catch (RuntimeException e) {
            directory.release();
            throw e;
        }
        listener.onDirectory(directory.folder());
        return runner.runAll();
    }

    private static RunDirectory claim(Recipe recipe, RunOptions options) {
        Path output = options.output();
        return output != null
                ? RunDirectory.claim(output)
                : RunDirectory.claim(
                        options.runs(),
                        recipe.name(),
                        LocalDateTime.now(ZoneId.systemDefault()),
                        recipe.train().seeds().get(0));
    }

    private ComparisonResult runAll() {
        Recipe recipe = bench.recipe();
        listener.onPlan(plan());
        Shared shared = new Shared(bench, listener);
        TrialRunner trials = new TrialRunner(shared);
        int number = 0;
        for (long seed : recipe.train().seeds()) {
            try (SeedContext context =
                    new SeedContext(shared, seed, directory.resolve(".gradient-seed" + seed + ".part"))) {
                for (Recipe.MethodChoice method : recipe.methods()) {
                    for (double rate : method.learningRates()) {
                        TrialKey key = new TrialKey(method.label(), rate, seed);
                        LOG.info("trial {}: {}", ++number, key);
                        listener.onTrialStart(key, number);
                        runTrial(trials, method, key, context);
                    }
                }
            }
        }
        ResultTable table = writeResults(null);
        ComparisonResult result = new ComparisonResult(recipe, directory.folder(), majority, finished, table);
        LOG.info("finished\n{}", TableText.terminal(table));
        listener.onEnd(result);
        return result;
    }

    private RunPlan plan() {
        List<TrialKey> keys = new ArrayList<>();
        for (long seed : bench.recipe().train().seeds()) {
            for (Recipe.MethodChoice method : bench.recipe().methods()) {
                method.learningRates().forEach(rate -> keys.add(new TrialKey(method.label(), rate, seed)));
            }
        }
        return new RunPlan(
                keys,
                bench.totalSteps(),
                bench.train().size(),
                bench.dev().size(),
                Workbench.tokens(bench.train()),
                Workbench.tokens(bench.dev()));
    }

    private void runTrial(TrialRunner trials, Recipe.MethodChoice method, TrialKey key, SeedContext context) {
        try (TrialDirectory folder = TrialDirectory.open(directory, key)) {
            try {
                TrialResult result = trials.run(method, key, context, folder);
                folder.complete(Report.trial(method, result));
                finished.add(result);
                LOG.info("{}: {}", key, result.dev());
                listener.onTrialEnd(result);
            } catch (DivergedException e) {
                folder.complete(Report.diverged(method, key, e));
                writeResults(e);
                throw e;
            }
        }
    }

    /** Writes what is finished; a divergence makes it an unfinished comparison. */
    private ResultTable writeResults(@Nullable DivergedException divergence) {
        ResultTable table = Rows.table(bench.recipe(), majority, finished);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("status", divergence == null ? "done" : "diverged");
        if (divergence != null) {
            result.put("message", divergence.getMessage());
        }
        result.put("recipe", bench.recipe().name());
        result.put("task", bench.recipe().task().name());
        result.put("model", bench.model().name());
        result.put("majority", majority);
        result.put("trials", Report.trials(bench.recipe(), finished));
        Json.write(directory.resolve("result.json"), result);
        Json.text(directory.resolve("table.md"), TableText.markdown(table));
        Json.text(directory.resolve("table.csv"), TableCsv.csv(table));
        return table;
    }
}
