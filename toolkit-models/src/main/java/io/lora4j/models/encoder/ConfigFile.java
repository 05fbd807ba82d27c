package io.lora4j.models.encoder;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.error.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Hugging Face {@code config.json}, read strictly: one JSON object, no key twice, values of the type that is asked for. Every error is a
 * {@link FormatException} that names the file and the key. A key whose value is {@code null} counts as absent. Immutable.
 */
public final class ConfigFile {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path path;
    private final JsonNode root;

    private ConfigFile(Path path, JsonNode root) {
        this.path = path;
        this.root = root;
    }

    /**
     * Reads a file.
     *
     * @param configJson the file
     * @return its keys
     * @throws FormatException if it cannot be read or is no JSON object
     */
    public static ConfigFile read(Path configJson) {
        try {
            JsonNode root = MAPPER.readTree(Files.readAllBytes(configJson));
            if (!root.isObject()) {
                throw new FormatException(configJson, "a model configuration must be a JSON object");
            }
            return new ConfigFile(configJson, root);
        } catch (JsonProcessingException e) {
            long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
            String what = "no valid JSON: " + e.getOriginalMessage();
            throw offset < 0 ? new FormatException(configJson, what) : new FormatException(configJson, offset, what);
        } catch (IOException e) {
            throw new FormatException(
                    configJson,
                    Files.exists(configJson) ? "cannot be read: " + e.getMessage() : "the file does not exist");
        }
    }

    /**
     * The file.
     *
     * @return its path as it was given
     */
    public Path path() {
        return path;
    }

    /**
     * Demands keys.
     *
     * @param keys what must be there
     * @throws FormatException if some are absent; all of them are named
     */
    public void require(String... keys) {
        List<String> missing = new ArrayList<>(List.of(keys));
        missing.removeIf(root::hasNonNull);
        if (!missing.isEmpty()) {
            throw new FormatException(path, "required keys are missing: " + String.join(", ", missing));
        }
    }

    /**
     * Refuses a key whose value is not the only one that the encoder can compute.
     *
     * @param key may be absent
     * @param supported the one value
     * @throws FormatException if the key has another value
     */
    public void refuseOther(String key, String supported) {
        if (root.hasNonNull(key) && !root.get(key).asText().equals(supported)) {
            throw unsupported(key, "\"" + supported + "\"");
        }
    }

    /**
     * The error for a value that is understood but cannot be computed.
     *
     * @param key a key that is there
     * @param supported what could stand there
     * @return to be thrown
     */
    public FormatException unsupported(String key, String supported) {
        return new FormatException(
                path, key + " \"" + root.path(key).asText() + "\" is not supported; supported is " + supported);
    }

    /**
     * A whole number.
     *
     * @param key a required key
     * @return its value
     * @throws FormatException if it is absent or no int
     */
    public int integer(String key) {
        require(key);
        if (!root.get(key).isInt()) {
            throw new FormatException(path, key + " must be a whole number: " + root.get(key));
        }
        return root.get(key).intValue();
    }

    /**
     * A whole number with a default.
     *
     * @param key a key
     * @param absent what its absence means
     * @return the value
     * @throws FormatException if it is no int
     */
    public int integer(String key, int absent) {
        return root.hasNonNull(key) ? integer(key) : absent;
    }

    /**
     * A number with a default.
     *
     * @param key a key
     * @param absent what its absence means
     * @return the value
     * @throws FormatException if it is no number
     */
    public double number(String key, double absent) {
        if (!root.hasNonNull(key)) {
            return absent;
        }
        if (!root.get(key).isNumber()) {
            throw new FormatException(path, key + " must be a number: " + root.get(key));
        }
        return root.get(key).doubleValue();
    }

    /**
     * A text.
     *
     * @param key a required key
     * @return its value
     * @throws FormatException if it is absent or no text
     */
    public String text(String key) {
        require(key);
        if (!root.get(key).isTextual()) {
            throw new FormatException(path, key + " must be a text: " + root.get(key));
        }
        return root.get(key).textValue();
    }

    /**
     * An activation function.
     *
     * @param key a key; {@code gelu} if it is absent
     * @return the function
     * @throws FormatException if its name is not known; all known ones are listed
     */
    public HiddenActivation activation(String key) {
        if (!root.hasNonNull(key)) {
            return HiddenActivation.GELU;
        }
        HiddenActivation known = HiddenActivation.find(text(key));
        if (known == null) {
            throw unsupported(key, String.join(", ", HiddenActivation.names()));
        }
        return known;
    }
}
