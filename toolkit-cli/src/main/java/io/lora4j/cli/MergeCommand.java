package io.lora4j.cli;

import io.lora4j.models.export.ExportCheck;
import io.lora4j.models.export.ExportFormat;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lora4j merge}: base and adapter become one model, W + s A B, without anything of LoRA left. */
@Command(
        name = "merge",
        mixinStandardHelpOptions = true,
        header = "Adds a trained adapter to its base, and writes the model as a Hugging Face folder.",
        description = {
            "The folder is a model like any other: `lora4j predict` and transformers read it.",
            "The same as `lora4j export --format hf`, which can write other formats too. What was written is read back and compared.",
        },
        footer = {
            "",
            "Examples:",
            "  lora4j merge runs/mine/trials/lora-lr1e-3-seed1/adapter --output merged",
            "  lora4j merge ADAPTER --model bert-base-uncased --output merged",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class MergeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private AdapterOptions adapter;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "DIR",
            description = "The folder to write; must not exist.")
    private Path output;

    @Mixin
    private BlasOption blas;

    @Override
    public Integer call() {
        blas.require();
        ExportCheck check = ExportFormat.hf.write(adapter.load(), output);
        spec.commandLine().getOut().println("written to " + output + "; " + check.description());
        return ExitCodes.OK;
    }
}
