package io.lora4j.cli;

import io.lora4j.models.ModelStore;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.run.ComparisonResult;
import io.lora4j.recipes.run.ComparisonRunner;
import io.lora4j.recipes.run.FailedTrial;
import io.lora4j.recipes.run.RunInterruptedException;
import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.RunListeners;
import io.lora4j.recipes.run.RunOptions;
import io.lora4j.recipes.run.TensorBoardListener;
import io.lora4j.recipes.table.TableText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
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
        },
        footer = {
            "",
            "Examples:",
            "  lora4j run quickstart",
            "  lora4j run mine.yaml train.epochs=3 'train.seeds=[1,2,3]' --output runs/mine",
            "  lora4j run glue/cola data.dir=DIR train.steps=200",
            "  lora4j run --resume runs/mine",
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
            description = "Goes on with the run of this directory; takes no FILE and no KEY=VALUE.")
    private @Nullable Path resume;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress bar.")
    private boolean quiet;

    @Option(
            names = "--tensorboard",
            description = "Writes TensorBoard event files into the trials' folders: tensorboard --logdir DIR/trials")
    private boolean tensorboard;

    @Mixin
    private BlasOption blas;

    RunCommand(ShippedRecipes recipes, Terminal terminal) {
        this.recipes = recipes;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Recipe resolved = resolved();
        blas.require();
        ComparisonResult result;
        try {
            result = run(resolved);
        } catch (RunInterruptedException said) {
            return ExitCodes.INTERRUPTED; // the reporter has told how to go on
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(TableText.terminal(result.table()));
        out.println();
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

    /** The recipe to run; null to go on with a run. */
    private @Nullable Recipe resolved() {
        String file = recipe;
        if (resume != null) {
            if (file != null || output != null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--resume goes on with the recipe and in the folder of its run: leave out "
                                + (file != null ? "'" + file + "'" : "--output"));
            }
            return null;
        }
        if (file == null) {
            throw new ParameterException(
                    spec.commandLine(), "Missing required parameter: FILE, a recipe; or --resume DIR");
        }
        return RecipeReader.read(recipes.resolve(file), overrides);
    }

    private ComparisonResult run(@Nullable Recipe resolved) {
        boolean draw = terminal.err() && !quiet;
        RunReporter reporter =
                draw ? RunReporter.drawing(System.err, terminal.columns()) : RunReporter.silent(System.err);
        try (reporter) {
            try {
                RunOptions options = new RunOptions(
                        ModelStore.defaultHome(), Path.of("runs"), output, Version.program(), reporter::isInterrupted);
                RunListener listener =
                        tensorboard ? new RunListeners(List.of(reporter, new TensorBoardListener())) : reporter;
                return resolved == null
                        ? ComparisonRunner.resume(Objects.requireNonNull(resume), options, listener)
                        : ComparisonRunner.run(resolved, options, listener);
            } catch (RunInterruptedException stopped) {
                throw stopped;
            } catch (RuntimeException | Error failure) {
                reporter.onFailure(failure);
                throw failure;
            }
        }
    }
}
