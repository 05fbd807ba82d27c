package io.lora4j.recipes.run;

import io.lora4j.datasets.TaskData;
import io.lora4j.datasets.TokenCache;
import io.lora4j.error.DivergedException;
import io.lora4j.error.UserException;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.results.RunReader;
import io.lora4j.recipes.table.ResultTable;
import io.lora4j.recipes.table.TableCsv;
import io.lora4j.recipes.table.TableText;
import io.lora4j.recipes.table.Tables;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs all trials of a recipe, one after the other, seed by seed. A trial that diverges, or for which memory or disk give out, is a row without
 * figures, and the others go on.
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
    private final RunOptions options;
    private final TaskMetrics majority;
    private final List<TrialResult> finished = new ArrayList<>();
    private final List<FailedTrial> failures = new ArrayList<>();
    private boolean helping;

    private ComparisonRunner(Workbench bench, RunDirectory directory, RunListener listener, RunOptions options) {
        this.bench = bench;
        this.directory = directory;
        this.listener = listener;
        this.options = options;
        this.majority = Baseline.of(bench.data());
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
     * @throws RunInterruptedException if it was told to stop; {@link #resume} goes on
     */
    public static ComparisonResult run(Recipe recipe, RunOptions options, RunListener listener) {
        return begin(claim(recipe, options), recipe, options, listener);
    }

    private static ComparisonResult begin(
            RunDirectory directory, Recipe recipe, RunOptions options, RunListener listener) {
        ComparisonRunner runner;
        try {
            Workbench bench = load(recipe, options, listener);
            Json.text(directory.recipe(), recipe.toYaml());
            Json.write(directory.provenance(), Provenance.of(recipe, bench.model(), bench.data(), options.program()));
            runner = new ComparisonRunner(bench, directory, listener, options);
        } catch (RuntimeException e) {
            directory.release();
            throw e;
        }
        listener.onDirectory(directory.folder());
        return runner.runAll();
    }

    /**
     * Goes on with a run that was interrupted, or whose process died: finished trials are kept, the one that was going on continues from its
     * checkpoint, or begins anew if it has none. The results are those of a run that was never interrupted.
     *
     * @param folder the run directory
     * @param options where models are; the output is not looked at
     * @param listener hears of the progress
     * @return all trials and the table, which are also in the run directory
     * @throws UserException if it is no run directory, or data or model are not those of the run
     * @throws RunInterruptedException if it is told to stop again
     */
    public static ComparisonResult resume(Path folder, RunOptions options, RunListener listener) {
        return resume(folder, List.of(), options, listener);
    }

    /**
     * As {@link #resume(Path, RunOptions, RunListener)}, for a run directory that was moved, or copied from another machine. A trial whose {@code
     * result.json} has the fingerprint of what would be run counts as finished, whether the other files of its folder are there or not.
     *
     * @param folder the run directory
     * @param overrides {@code key=value} that say where data and model are now: {@code data.dir} and {@code model.name}
     * @param options where models are; the output is not looked at
     * @param listener hears of the progress
     * @return all trials and the table, which are also in the run directory
     * @throws UserException if it is no run directory, data or model are not those of the run, or a trial's result is not of these settings
     * @throws RunInterruptedException if it is told to stop again
     */
    public static ComparisonResult resume(
            Path folder, List<String> overrides, RunOptions options, RunListener listener) {
        RunDirectory directory = RunDirectory.reopen(folder);
        return resume(directory, RecipeReader.read(directory.recipe(), overrides), options, listener);
    }

    /**
     * Runs a recipe in a folder that a larger undertaking has set aside for it, or goes on there: what {@link #run} and {@link #resume} do,
     * whichever fits. The recipe may have become longer (more seeds, rates, methods) since the folder was begun; its trials are kept.
     *
     * @param recipe what to run
     * @param options where to read and write; with an output, whose content nobody else uses
     * @param listener hears of the progress
     * @return all trials and the table, which are also in the run directory
     * @throws UserException as {@link #resume(Path, List, RunOptions, RunListener)}
     * @throws RunInterruptedException if it was told to stop
     */
    public static ComparisonResult runOrResume(Recipe recipe, RunOptions options, RunListener listener) {
        RunDirectory directory = RunDirectory.claimAgain(Objects.requireNonNull(options.output(), "an output"));
        if (!Files.isRegularFile(directory.provenance())) {
            return begin(directory, recipe, options, listener);
        }
        if (!recipe.toYaml().equals(directory.writtenRecipe())) {
            LOG.info("{}: the recipe has changed since it was begun", directory.folder());
            Json.text(directory.recipe(), recipe.toYaml());
        }
        return resume(directory, recipe, options, listener);
    }

    private static ComparisonResult resume(
            RunDirectory directory, Recipe recipe, RunOptions options, RunListener listener) {
        Workbench bench = load(recipe, options, listener);
        Provenance.requireSame(directory.provenance(), bench.model(), bench.data());
        listener.onDirectory(directory.folder());
        return new ComparisonRunner(bench, directory, listener, options).runAll();
    }

    /**
     * How long a trial of a recipe is.
     *
     * @param recipe a recipe
     * @param options where data and models are cached
     * @param listener hears of the phases
     * @return optimiser steps; for epochs the data is read and encoded to count them
     * @throws UserException if data or model cannot be used
     */
    public static long steps(Recipe recipe, RunOptions options, RunListener listener) {
        return recipe.train().steps() > 0
                ? recipe.train().steps()
                : load(recipe, options, listener).totalSteps();
    }

    /** Reads and encodes everything that trials share. */
    static Workbench load(Recipe recipe, RunOptions options, RunListener listener) {
        listener.onPhase("reading " + recipe.task().name());
        TaskData data = Workbench.readData(recipe);
        listener.onPhase("loading " + recipe.model().name());
        PretrainedModel model =
                new ModelStore(options.home()).load(recipe.model().name(), DTYPE);
        listener.onPhase("encoding " + (data.train().size() + data.dev().size()) + " examples");
        return Workbench.of(recipe, model, data, new TokenCache(options.home().resolve("tokens")));
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

    @SuppressWarnings("try") // the lock is held, not used
    private ComparisonResult runAll() {
        try (RunDirectory.Lock alone = directory.lock()) {
            return runAllAlone();
        }
    }

    private ComparisonResult runAllAlone() {
        Recipe recipe = bench.recipe();
        RunPlan plan = bench.plan();
        listener.onPlan(plan);
        KnownTrials known = new KnownTrials(bench, directory);
        if (known.read().size() < plan.trials().size()) {
            options.helpers().work(directory.folder());
        }
        runTrials(known, ".gradient-seed");
        TrialLocks.delete(directory);
        ResultTable table = writeResults();
        ComparisonResult result = new ComparisonResult(recipe, directory.folder(), majority, finished, failures, table);
        LOG.info("finished\n{}", TableText.terminal(table));
        listener.onEnd(result);
        return result;
    }

    /**
     * Takes trials of a comparison that another process runs, until none is left that nobody is at. Results and checkpoints are in the run directory;
     * the table is the other process's affair.
     *
     * @param folder the run directory
     * @param overrides {@code key=value} that say where data and model are, as for {@link #resume(Path, List, RunOptions, RunListener)}
     * @param options where models are; the output is not looked at
     * @param listener hears of the progress
     * @throws UserException if it is no run directory, or data or model are not those of the run
     * @throws RunInterruptedException if it is told to stop
     */
    public static void help(Path folder, List<String> overrides, RunOptions options, RunListener listener) {
        RunDirectory directory = RunDirectory.reopen(folder);
        Workbench bench = load(RecipeReader.read(directory.recipe(), overrides), options, listener);
        Provenance.requireSame(directory.provenance(), bench.model(), bench.data());
        ComparisonRunner runner = new ComparisonRunner(bench, directory, listener, options);
        long process = ProcessHandle.current().pid();
        runner.helping = true;
        runner.runTrials(new KnownTrials(bench, directory), ".gradient-" + process + "-seed");
    }

    /** Runs what is not finished, in the plan's order. A trial that a helper is at is waited for; a helper leaves it alone. */
    private void runTrials(KnownTrials known, String scratch) {
        Shared shared = new Shared(
                bench,
                listener,
                options.stop(),
                new GradientCache(options.home().resolve("gradients")));
        TrialRunner trials = new TrialRunner(shared);
        int number = 0;
        try (TrialLocks locks = new TrialLocks(directory)) {
            for (long seed : bench.recipe().train().seeds()) {
                try (SeedContext context = new SeedContext(shared, seed, directory.resolve(scratch + seed + ".part"))) {
                    for (Recipe.MethodChoice method : bench.recipe().methods()) {
                        for (double rate : method.learningRates()) {
                            number++;
                            FileLock lock = helping ? locks.take(number) : locks.await(number);
                            if (lock != null) {
                                try {
                                    runOrKeep(
                                            trials,
                                            known,
                                            method,
                                            new TrialKey(method.label(), rate, seed),
                                            number,
                                            context);
                                } finally {
                                    locks.release(lock);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private void runOrKeep(
            TrialRunner trials,
            KnownTrials known,
            Recipe.MethodChoice method,
            TrialKey key,
            int number,
            SeedContext context) {
        TrialOutcome before = known.find(method, key);
        if (before != null) {
            keep(before);
            return;
        }
        LOG.info("trial {}: {}", number, key);
        listener.onTrialStart(key, number);
        runTrial(trials, method, key, context);
    }

    /** Takes over what became of a trial in an earlier process. */
    private void keep(TrialOutcome before) {
        LOG.info("{}: finished before", before.key());
        if (before instanceof TrialResult result) {
            finished.add(result);
            listener.onTrialKept(result);
        } else if (before instanceof FailedTrial failed) {
            failures.add(failed);
            listener.onTrialFailed(failed);
        }
    }

    private void runTrial(TrialRunner trials, Recipe.MethodChoice method, TrialKey key, SeedContext context) {
        if (options.stop().getAsBoolean()) {
            throw new RunInterruptedException(directory.folder());
        }
        try (TrialDirectory folder = TrialDirectory.open(directory, key)) {
            try {
                TrialResult result = trials.run(method, key, context, folder);
                if (result == null) {
                    throw new RunInterruptedException(directory.folder());
                }
                complete(folder, method, key, Report.trial(method, result, folder));
                finished.add(result);
                LOG.info("{}: {}", key, result.dev());
                listener.onTrialEnd(result);
            } catch (DivergedException e) {
                complete(folder, method, key, Report.diverged(method, key, e));
                fail(new FailedTrial(key, FailedTrial.Status.DIVERGED, String.valueOf(e.getMessage())), e);
            } catch (OutOfMemoryError e) {
                fail(folder, method, new FailedTrial(key, FailedTrial.Status.FAILED, "out of memory: " + e), e);
            } catch (UserException e) {
                if (!(e.getCause() instanceof IOException)) {
                    throw e;
                }
                fail(
                        folder,
                        method,
                        new FailedTrial(key, FailedTrial.Status.FAILED, String.valueOf(e.getMessage())),
                        e);
            }
        }
    }

    /** Where not even this can be written, going on makes no sense: the exception ends the run. */
    private void fail(TrialDirectory folder, Recipe.MethodChoice method, FailedTrial failed, Throwable reason) {
        complete(folder, method, failed.key(), Report.failed(method, failed));
        fail(failed, reason);
    }

    private void fail(FailedTrial failed, Throwable reason) {
        // For the log alone: a user hears of it as a row and at the end, without a stack trace.
        LOG.info("{}: {}", failed.key(), failed.message(), reason);
        failures.add(failed);
        listener.onTrialFailed(failed);
    }

    private void complete(TrialDirectory folder, Recipe.MethodChoice method, TrialKey key, Map<String, Object> report) {
        report.put("threads", GraphTwins.usefulThreads());
        report.put(TrialFingerprint.KEY, TrialFingerprint.of(bench, method, key));
        folder.complete(report);
    }

    private ResultTable writeResults() {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("status", "done");
        result.put("recipe", bench.recipe().name());
        result.put("task", bench.recipe().task().name());
        result.put("model", bench.model().name());
        result.put("majority", majority);
        result.put("trials", Report.trials(bench.recipe(), finished, failures));
        Json.write(directory.resolve("result.json"), result);
        // What stands in the folder is what counts: whoever reads it later makes the same table of it.
        ResultTable table = Tables.of(RunReader.read(directory.folder()));
        Json.text(directory.resolve("table.md"), TableText.markdown(table));
        Json.text(directory.resolve("table.csv"), TableCsv.csv(table));
        return table;
    }
}
