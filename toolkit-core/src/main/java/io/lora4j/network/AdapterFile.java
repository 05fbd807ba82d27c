package io.lora4j.network;

import io.lora4j.adapter.FrozenStore;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * One adapter as a file: a zip with {@code adapter.json} (format, checksum of the base, configuration, shifted layers), {@code
 * parameters.bin} (the trainable parameters as ND4J writes arrays) and, for methods that shift frozen weights, the factors that the shift
 * is made of.
 */
final class AdapterFile {
    private static final int FORMAT = 1;
    private static final String JSON = "adapter.json";
    private static final String PARAMETERS = "parameters.bin";

    private AdapterFile() {}

    static <N extends Model> void write(Path file, NetworkForm<N> form, Variant<N> variant) {
        requireEnabled(variant);
        ZipParts.replace(file, zip -> write(zip, "", form, variant));
    }

    static void requireEnabled(Variant<?> variant) {
        if (!variant.isEnabled()) {
            throw new IllegalStateException("the adapter is disabled: enable it before saving");
        }
    }

    static <N extends Model> void write(ZipOutputStream zip, String folder, NetworkForm<N> form, Variant<N> variant)
            throws IOException {
        ObjectNode json = ConfigJson.MAPPER.createObjectNode();
        json.put("format", FORMAT);
        json.put("base", fingerprint(form));
        json.set("config", ConfigJson.write(variant.config()));
        variant.starts().keySet().forEach(json.putArray("shifted")::add);
        ZipParts.put(
                zip,
                folder + JSON,
                ConfigJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
        ZipParts.put(zip, folder + PARAMETERS, variant.network().params());
        int index = 0;
        for (Variant.Start start : variant.starts().values()) {
            ZipParts.put(zip, folder + "start/" + index + ".a", start.a());
            ZipParts.put(zip, folder + "start/" + index++ + ".b", start.b());
        }
    }

    private static String fingerprint(NetworkForm<?> form) {
        return FrozenStore.checksum(new FrozenWeights(Map.of("base", form.params())));
    }

    static <N extends Model> Variant<N> read(Path file, NetworkForm<N> form) {
        if (!Files.isRegularFile(file)) {
            throw new UserException("no adapter file " + file);
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return read(file, zip, "", form);
        } catch (IOException e) {
            throw damaged(file, e);
        }
    }

    static <N extends Model> Variant<N> read(Path file, ZipFile zip, String folder, NetworkForm<N> form)
            throws IOException {
        JsonNode json = header(file, zip, folder);
        if (!json.path("base").asText().equals(fingerprint(form))) {
            throw new UserException("the adapter " + file
                    + " was made over another base: its checksum is not that of this network's parameters");
        }
        LoraConfig config;
        try {
            config = ConfigJson.read(json.path("config"));
        } catch (IllegalArgumentException e) {
            throw new FormatException(file, JSON + ": " + e.getMessage());
        }
        Variant<N> variant = Variant.fresh(form, config);
        INDArray parameters = ZipParts.array(file, zip, folder + PARAMETERS);
        long expected = variant.network().params().length();
        if (parameters.length() != expected) {
            throw new FormatException(
                    file, PARAMETERS + " has " + parameters.length() + " values, the adapter needs " + expected);
        }
        int index = 0;
        for (String layer : ConfigJson.strings(json.path("shifted"))) {
            if (!variant.adapters().containsKey(layer)) {
                throw new FormatException(file, JSON + ": a shift of layer \"" + layer + "\", which is not adapted");
            }
            INDArray a = ZipParts.array(file, zip, folder + "start/" + index + ".a");
            INDArray b = ZipParts.array(file, zip, folder + "start/" + index++ + ".b");
            variant.restoreStart(layer, new Variant.Start(a, b));
        }
        variant.network().setParams(parameters);
        return variant;
    }

    private static JsonNode header(Path file, ZipFile zip, String folder) throws IOException {
        JsonNode json;
        try {
            json = ConfigJson.MAPPER.readTree(ZipParts.bytes(file, zip, folder + JSON));
        } catch (JsonProcessingException e) {
            throw new FormatException(file, JSON + " is not JSON: " + e.getOriginalMessage());
        }
        int format = json.path("format").asInt();
        if (format != FORMAT) {
            throw new FormatException(file, "format " + format + ", this version reads " + FORMAT);
        }
        return json;
    }

    static FormatException damaged(Path file, IOException e) {
        FormatException damaged = new FormatException(file, "cannot be read: " + e.getMessage());
        damaged.initCause(e);
        return damaged;
    }
}
