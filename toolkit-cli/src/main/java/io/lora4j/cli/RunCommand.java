package io.lora4j.cli;

import io.lora4j.models.ModelStore;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.Study;
import io.lora4j.recipes.StudyReader;
import io.lora4j.recipes.run.ComparisonResult;
import io.lora4j.recipes.run.ComparisonRunner;
import io.lora4j.recipes.run.FailedTrial;
import io.lora4j.recipes.run.RunInterruptedException;
import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.RunListeners;
import io.lora4j.recipes.run.RunOptions;
import io.lora4j.recipes.run.TensorBoardListener;
import io.lora4j.recipes.study.StudyResult;
import io.lora4j.recipes.study.StudyRunner;
import io.lora4j.recipes.table.TableText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lora4j run}: trains and evaluates every method of a recipe and prints the table. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        header = "Trains and evaluates every method of a recipe, and prints the table.",
        description = {
            "The run directory keeps the resolved recipe, what made the result, the metrics of every step, the adapters,"
                    + " the results and a full log. Ctrl-C ends the run after the step it is at, with a checkpoint; --resume goes"
                    + " on to the same result, also after a crash.",
            "A recipe with search or sweep is a study, a chain of such runs: rates and grids are chosen on a held-out part of the training"
                    + " set with the same number of trials for every method, and each combination of the sweep's values gets a table.",
        },
        footer = {
            "",
            "Examples:",
            "  lora4j run quickstart",
            "  lora4j run mine.yaml train.epochs=3 'train.seeds=[1,2,3]' --output runs/mine",
            "  lora4j run glue/cola data.dir=DIR train.steps=200",
            "  lora4j run --resume runs/mine",
            "  lora4j run mine.yaml --dry-run",
            "  lora4j run search/quickstart 'sweep.adapter.rank=[4,8]'",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class RunCommand implements Callable<Integer> {
    private final ShippedRecipes recipes;
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FILE",
            description = "A recipe file, or a shipped recipe's name.")
    private @Nullable String recipe;

    @Parameters(
            index = "1..*",
            paramLabel = "KEY=VALUE",
            description = "Replaces a value of the recipe; ~KEY removes one. `lora4j ls keys` lists the keys.")
    private List<String> overrides = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "The run directory; must be empty or not exist. Otherwise a new one under runs/.")
    private @Nullable Path output;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description =
                    "Goes on with the run or the study of this directory; takes no FILE, and of KEY=VALUE only data.dir and model.name,"
                            + " where those have moved.")
    private @Nullable Path resume;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress bar.")
    private boolean quiet;

    @Option(
            names = "--tensorboard",
            description = "Writes TensorBoard event files into the trials' folders: tensorboard --logdir DIR/trials")
    private boolean tensorboard;

    @Option(
            names = {"-j", "--jobs"},
            paramLabel = "N",
            description =
                    "Trials at once, each in a process of its own with its share of the processors (default: 1). The number of threads"
                            + " changes dropout masks: for the last digit's sake finish a study as it was begun.")
    private int jobs = 1;

    /** What {@link Workers} start. */
    @Option(names = "--job", paramLabel = "DIR", hidden = true, description = "Takes trials of another process's run.")
    private @Nullable Path job;

    @Option(
            names = "--dry-run",
            description =
                    "Checks everything, takes a batch through forward and backward pass, prints trials, parameters, memory and time,"
                            + " and writes nothing but caches.")
    private boolean dryRun;

    @Mixin
    private BlasOption blas;

    RunCommand(ShippedRecipes recipes, Terminal terminal) {
        this.recipes = recipes;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (jobs < 1) {
            throw new ParameterException(spec.commandLine(), "--jobs must be at least 1, not " + jobs);
        }
        Path resumed = resume != null ? resume : job;
        List<String> words = new ArrayList<>(overrides);
        Study study = null;
        if (resumed != null) {
            words.addAll(0, recipe == null ? List.of() : List.of(recipe));
            requirePlaces(words);
        } else {
            study = study();
        }
        blas.require();
        if (study != null && dryRun) {
            new DryRun(options(() -> false), spec.commandLine().getOut()).print(study);
            return ExitCodes.OK;
        }
        try {
            if (job != null) {
                return help(job, words);
            }
            return study == null ? goOn(Objects.requireNonNull(resumed), words) : begin(study);
        } catch (RunInterruptedException said) {
            return ExitCodes.INTERRUPTED; // the reporter has told how to go on
        }
    }

    private Study study() {
        String file = recipe;
        if (file == null) {
            throw new ParameterException(
                    spec.commandLine(), "Missing required parameter: FILE, a recipe; or --resume DIR");
        }
        return StudyReader.read(recipes.resolve(file), overrides);
    }

    /** A run that goes on may be told where data and model are now, and nothing that changes results. */
    private void requirePlaces(List<String> words) {
        if (output != null) {
            throw new ParameterException(
                    spec.commandLine(), "--resume goes on in the folder of its run: leave out --output");
        }
        if (dryRun) {
            throw new ParameterException(
                    spec.commandLine(), "--dry-run looks at a recipe before it is run: leave out --resume");
        }
        for (String word : words) {
            if (!word.startsWith("data.dir=") && !word.startsWith("model.name=") && !word.startsWith("model=")) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--resume goes on with the recipe of its run: leave out '" + word
                                + "' (only data.dir and model.name can be given, where they have moved)");
            }
        }
    }

    private int begin(Study study) {
        if (!study.isPlain()) {
            return printStudy(
                    run((options, reporter, listener) -> StudyRunner.run(study, options, reporter, listener)));
        }
        Recipe only = study.combinations().get(0).recipe();
        return printRun(run((options, reporter, listener) -> ComparisonRunner.run(only, options, listener)));
    }

    private int goOn(Path folder, List<String> places) {
        return StudyRunner.isStudy(folder)
                ? printStudy(run((options, reporter, listener) ->
                        StudyRunner.resume(folder, places, options, reporter, listener)))
                : printRun(run(
                        (options, reporter, listener) -> ComparisonRunner.resume(folder, places, options, listener)));
    }

    private int help(Path folder, List<String> places) {
        return run((options, reporter, listener) -> {
            ComparisonRunner.help(folder, places, options, listener);
            return ExitCodes.OK;
        });
    }

    private int printRun(ComparisonResult result) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(TableText.terminal(result.table(), terminal.columns(), terminal.out() && terminal.colour()));
        out.println();
        out.println("written to " + result.folder());
        return code(result.failures());
    }

    private int printStudy(StudyResult result) {
        PrintWriter out = spec.commandLine().getOut();
        for (StudyResult.Part part : result.parts()) {
            out.println(TableText.terminal(part.table()));
            out.println();
        }
        out.println("written to " + result.folder());
        return code(result.failures());
    }

    /** What became of trials without a result is said, and shows in the exit code: a script must not take it for a whole table. */
    private int code(List<FailedTrial> failures) {
        PrintWriter err = spec.commandLine().getErr();
        int code = ExitCodes.OK;
        for (FailedTrial failed : failures) {
            boolean diverged = failed.status() == FailedTrial.Status.DIVERGED;
            err.println(
                    spec.commandLine().getColorScheme().errorText("lora4j: " + failed.key() + ": " + failed.message()));
            code = diverged || code == ExitCodes.DIVERGED ? ExitCodes.DIVERGED : ExitCodes.FAILED;
        }
        return code;
    }

    /** What is done with options, and listeners for the study and for its trials. */
    private interface Work<T> {
        T run(RunOptions options, RunReporter reporter, RunListener listener);
    }

    private RunOptions options(BooleanSupplier stop) {
        RunOptions options = new RunOptions(ModelStore.defaultHome(), Path.of("runs"), output, Version.program(), stop);
        return jobs > 1 ? options.withHelpers(new Workers(jobs, places(), stop)) : options;
    }

    /** Where data and model are now, if the run directory does not say. */
    private List<String> places() {
        List<String> words = new ArrayList<>();
        if (resume != null) {
            words.addAll(recipe == null ? List.of() : List.of(recipe));
            words.addAll(overrides);
        }
        return words;
    }

    private <T> T run(Work<T> work) {
        boolean draw = terminal.err() && !quiet;
        RunReporter reporter =
                draw ? RunReporter.drawing(System.err, terminal.columns()) : RunReporter.silent(System.err);
        try (reporter) {
            try {
                RunListener listener =
                        tensorboard ? new RunListeners(List.of(reporter, new TensorBoardListener())) : reporter;
                return work.run(options(reporter::isInterrupted), reporter, listener);
            } catch (RunInterruptedException stopped) {
                throw stopped;
            } catch (RuntimeException | Error failure) {
                reporter.onFailure(failure);
                throw failure;
            }
        }
    }
}
