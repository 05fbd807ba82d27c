package io.lora4j.models.export;

import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.checkpoint.SafetensorsWriter;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.encoder.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A program that exports one adapter again and again until somebody kills it. */
final class EndlessExport {
    private static final int WORDS = 500_000;

    private EndlessExport() {}

    /** The adapter that is exported. */
    static LoadedAdapter adapter(Path model) {
        PretrainedModel base = new ModelStore(model.resolve("home")).load(model.toString(), DataType.FLOAT);
        return ExportFixtures.adapter(base, Pooling.CLS);
    }

    /** Makes the base: the tiny BERT with so many words that writing it takes a while. */
    static void makeModel(Path model) throws IOException {
        ExportFixtures.model(ExportFixtures.tinyBert(), model, "");
        Path config = model.resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replaceFirst("\"vocab_size\": *\\d+", "\"vocab_size\": " + WORDS));
        Path weights = model.resolve("model.safetensors");
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            file.names().forEach(name -> tensors.put(name, file.read(name, DataType.FLOAT)));
        }
        tensors.replaceAll((name, array) ->
                name.endsWith("word_embeddings.weight") ? Nd4j.ones(DataType.FLOAT, WORDS, array.size(1)) : array);
        SafetensorsWriter.write(weights, tensors, Map.of());
    }

    /** Where export number i of a format goes. */
    static Path target(Path folder, ExportFormat format, int i) {
        return folder.resolve("out").resolve(format + "-" + i);
    }

    /**
     * Runs until it is killed.
     *
     * @param args a folder for all files, the format's name, and the base's folder
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        ExportFormat format = ExportFormat.valueOf(args[1]);
        LoadedAdapter adapter = adapter(Path.of(args[2]));
        Files.createDirectories(folder.resolve("out"));
        for (int i = 0; true; i++) {
            format.write(adapter, target(folder, format, i));
        }
    }
}
