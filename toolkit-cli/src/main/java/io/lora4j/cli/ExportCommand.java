package io.lora4j.cli;

import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.export.ExportCheck;
import io.lora4j.models.export.ExportFormat;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lora4j export}: a trained adapter in another program's format. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        header = "Writes a trained adapter, or base and adapter merged, in another program's format.",
        description = {
            "hf: the merged model as a Hugging Face folder; peft: the adapter alone, for the untouched base; dl4j: the merged"
                    + " model as a Deeplearning4j zip; onnx: the merged model as one ONNX file.",
            "What was written is read back and compared with the adapter; what was compared and the difference is printed.",
        },
        footer = {
            "",
            "Examples:",
            "  lora4j export runs/mine/trials/lora-lr1e-3-seed1/adapter --format hf --output merged",
            "  lora4j export ADAPTER --format onnx --output model.onnx",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class ExportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private AdapterOptions adapter;

    @Option(
            names = {"-f", "--format"},
            required = true,
            paramLabel = "FORMAT",
            description = "One of ${COMPLETION-CANDIDATES}.")
    private ExportFormat format;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "PATH",
            description = "The folder (hf, peft) or file (dl4j, onnx) to write; must not exist.")
    private Path output;

    @Mixin
    private BlasOption blas;

    @Override
    public Integer call() {
        blas.require();
        LoadedAdapter loaded = adapter.load();
        ExportCheck check = format.write(loaded, output);
        spec.commandLine().getOut().println("written to " + output + "; " + check.description());
        return ExitCodes.OK;
    }
}
