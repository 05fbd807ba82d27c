package io.lora4j.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lora4j completion}: a script for the shell. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        header = "Prints a script by which the shell completes commands, options, recipes, tasks and KEY=.",
        description = {
            "Write it to a file that your shell reads: ~/.bashrc, or ~/.zshrc behind compinit. It holds what there is now: after an update make"
                    + " it again.",
            "In zsh only the values behind KEY= are completed: its bash completion cannot leave out the space behind a word.",
        },
        footer = {
            "",
            "Examples:",
            "  lora4j completion bash > ~/.lora4j-completion",
            "  echo '. ~/.lora4j-completion' >> ~/.bashrc",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class CompletionCommand implements Callable<Integer> {
    /** The shells; picocli's script finds out by itself in which it runs. */
    enum Shell {
        bash,
        zsh
    }

    private final ShippedRecipes recipes;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    @SuppressWarnings("UnusedVariable") // what is no shell is refused; the script itself finds out in which it runs
    private Shell shell;

    CompletionCommand(ShippedRecipes recipes) {
        this.recipes = recipes;
    }

    @Override
    public Integer call() {
        String script = CompletionScript.of(spec.root().commandLine(), recipes);
        spec.commandLine().getOut().print(script);
        spec.commandLine().getOut().flush();
        return ExitCodes.OK;
    }
}
