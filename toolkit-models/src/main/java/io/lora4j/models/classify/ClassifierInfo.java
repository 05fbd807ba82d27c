package io.lora4j.models.classify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.peft.PeftAdapterWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter folder says beside the weights: {@code lora4j_provenance.json}, and for folders of PEFT, which have none, PEFT's own
 * conventions.
 *
 * @param baseModel the base's name or folder; null if nothing is said
 * @param baseSha256 checksum of the base's weights; null if nothing is said
 * @param labels the labels' names in the order of the outputs; empty if nothing is said, and for a regression
 * @param pooling how a sequence becomes a vector
 * @param maxLength the most tokens of an example; 0 if nothing is said
 */
public record ClassifierInfo(
        @Nullable String baseModel, @Nullable String baseSha256, List<String> labels, Pooling pooling, int maxLength) {
    /** Copies the list. */
    public ClassifierInfo {
        labels = List.copyOf(labels);
    }

    /**
     * Reads what a folder says.
     *
     * @param adapter a folder with {@code adapter_config.json}
     * @return what is known
     * @throws UserException if the folder is no adapter
     * @throws FormatException if a file is damaged
     */
    public static ClassifierInfo read(Path adapter) {
        Path config = adapter.resolve(PeftAdapterWriter.CONFIG);
        if (!Files.isRegularFile(config)) {
            throw new UserException(adapter + " is no adapter folder: it has no " + PeftAdapterWriter.CONFIG);
        }
        String base = text(JsonFiles.read(config), "base_model_name_or_path");
        Path file = adapter.resolve(PeftAdapterWriter.PROVENANCE);
        if (!Files.isRegularFile(file)) {
            return new ClassifierInfo(base, null, List.of(), Pooling.CLS, 0);
        }
        ObjectNode json = JsonFiles.read(file);
        List<String> labels = new ArrayList<>();
        json.path("labels").forEach(label -> labels.add(label.asText()));
        String model = text(json, "model");
        return new ClassifierInfo(
                model == null ? base : model,
                text(json, "model_sha256"),
                labels,
                pooling(file, json),
                json.path("max_length").asInt());
    }

    private static Pooling pooling(Path file, ObjectNode json) {
        String name = text(json, "pooling");
        if (name == null) {
            return Pooling.CLS;
        }
        try {
            return Pooling.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            throw new FormatException(file, "unknown pooling \"" + name + "\"");
        }
    }

    private static @Nullable String text(ObjectNode json, String key) {
        JsonNode value = json.path(key);
        return value.isTextual() && !value.asText().isBlank() ? value.asText() : null;
    }
}
