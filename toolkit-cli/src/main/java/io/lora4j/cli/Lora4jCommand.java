package io.lora4j.cli;

import io.lora4j.models.ModelStore;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lora4j}: the verbs' common parent. */
@Command(
        name = "lora4j",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        header = "Fine-tunes pre-trained encoders with low-rank adapters and compares the methods.",
        description = "A recipe (YAML) names a model, a task, the methods and a budget; every key can be overridden.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  lora4j ls                                    what there is",
            "  lora4j run quickstart                        four methods on the bundled data",
            "  lora4j run methods/all                       all methods, in ten minutes",
            "  lora4j run glue/cola data.dir=DIR            real GLUE files",
            "  lora4j compare runs/a runs/b                  finished runs in one table",
            "  lora4j cp quickstart mine.yaml               a recipe of your own",
            "  lora4j validate mine.yaml                    all its mistakes at once",
            "  lora4j data show MRPC --data-dir DIR         what is in a task's files",
            "  lora4j models pull bert-base-uncased         an encoder, before it is needed",
            "  lora4j predict ADAPTER \"a film of charm\"     a trained adapter in use",
            "  lora4j merge ADAPTER --output merged         base and adapter as one model",
            "  lora4j bench                                 what a training step takes",
            "  lora4j completion bash                       completion for your shell",
            "",
            "Exit codes: 0 done; 1 failed; 2 usage, recipe, or an unusable file or path;",
            "3 training diverged; 130 interrupted.",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class Lora4jCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /**
     * The whole command tree, ready to {@code execute} words and give an exit code.
     *
     * @param recipes the recipes that come with the program
     * @param terminal what the streams are connected to
     * @return a new tree
     */
    static CommandLine commandLine(ShippedRecipes recipes, Terminal terminal) {
        Failures failures = new Failures();
        return new CommandLine(new Lora4jCommand())
                .addSubcommand(new RunCommand(recipes, terminal))
                .addSubcommand(CompareCommand.commandLine(terminal))
                .addSubcommand(new ValidateCommand(recipes))
                .addSubcommand(new PredictCommand())
                .addSubcommand(new EvalCommand())
                .addSubcommand(new MergeCommand())
                .addSubcommand(new ExportCommand())
                .addSubcommand(BenchCommand.commandLine())
                .addSubcommand(new ListCommand(recipes))
                .addSubcommand(new CopyCommand(recipes))
                .addSubcommand(new DataCommand())
                .addSubcommand(ModelsCommand.commandLine(ModelStore.defaultHome()))
                .addSubcommand(new CompletionCommand(recipes))
                .addSubcommand(new HelpCommand())
                .setColorScheme(Help.defaultColorScheme(
                        terminal.colour() && terminal.out() && terminal.err() ? Help.Ansi.ON : Help.Ansi.OFF))
                .setUsageHelpWidth(Math.min(terminal.columns(), 120))
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures);
    }

    /** Without a verb: the help, as a mistake of usage. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
    }
}
