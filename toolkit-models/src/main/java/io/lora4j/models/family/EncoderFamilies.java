package io.lora4j.models.family;

import io.lora4j.error.FormatException;
import io.lora4j.models.encoder.ConfigFile;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderFamily;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All families of encoders, and the way from a {@code config.json} to a shape. A new family is one class and one line here. */
public final class EncoderFamilies {
    private static final List<EncoderFamily> ALL = List.of(
            new BertFamily(),
            new RobertaFamily("roberta"),
            new RobertaFamily("xlm-roberta"),
            new DistilBertFamily(),
            new ElectraFamily());

    private EncoderFamilies() {}

    /**
     * Every family that can be built.
     *
     * @return the families, oldest first
     */
    public static List<EncoderFamily> all() {
        return ALL;
    }

    /**
     * Reads a {@code config.json} of any family, which its {@code model_type} names.
     *
     * @param configJson the file
     * @return the encoder's shape
     * @throws FormatException if the file cannot be read or is no JSON object, {@code model_type} is absent or unknown (the known ones are
     *     listed), required keys are missing (all are named), a value has the wrong type or range, or the file describes an encoder that
     *     its family here cannot compute
     */
    public static EncoderConfig read(Path configJson) {
        ConfigFile json = ConfigFile.read(configJson);
        EncoderFamily family = find(json.text("model_type"));
        if (family == null) {
            throw json.unsupported(
                    "model_type",
                    String.join(", ", ALL.stream().map(EncoderFamily::modelType).toList()));
        }
        return read(family, json);
    }

    /**
     * The family of a name.
     *
     * @param modelType {@code model_type} of a {@code config.json}
     * @return the family, or null if it is not known
     */
    public static @Nullable EncoderFamily find(String modelType) {
        return ALL.stream()
                .filter(family -> family.modelType().equals(modelType))
                .findFirst()
                .orElse(null);
    }

    private static EncoderConfig read(EncoderFamily family, ConfigFile json) {
        try {
            return family.read(json);
        } catch (IllegalArgumentException e) {
            throw new FormatException(json.path(), String.valueOf(e.getMessage()));
        }
    }
}
