package io.lora4j.cli;

import io.lora4j.models.ModelStore;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.classify.TextClassifier;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which adapter a command works with, and over which base. */
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class AdapterOptions {
    @Parameters(
            index = "0",
            paramLabel = "ADAPTER",
            description = "An adapter's folder: runs/RUN/trials/TRIAL/adapter, or one that PEFT wrote.")
    private Path adapter;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "The base: a known name or a Hugging Face folder. Otherwise the one that the adapter names.")
    private @Nullable String model;

    /** An adapter over its base, or a folder that holds both. */
    TextClassifier classifier() {
        boolean merged = model == null && Files.exists(adapter.resolve(HuggingFaceFolder.CONFIG));
        return merged ? TextClassifier.load(adapter) : TextClassifier.of(load());
    }

    LoadedAdapter load() {
        return LoadedAdapter.read(new ModelStore(ModelStore.defaultHome()), model, adapter);
    }
}
