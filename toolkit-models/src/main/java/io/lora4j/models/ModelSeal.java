package io.lora4j.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.Sha256;
import io.lora4j.models.checkpoint.WeightFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The file in an imported folder that says where the model came from and what its files' checksums are.
 *
 * <p>Checksums are taken once, at import. As long as size and time of the weights are those of the import theirs is believed; otherwise it
 * is taken again and must be the same. A folder without a seal is the user's own and gets its checksum when it is loaded.
 *
 * @param model the model's name on the Hugging Face hub, or the reference by which it was asked for
 * @param importedFrom where its bytes came from
 * @param licence the SPDX name of the weights' licence, or null if it is not known
 * @param files what was imported
 */
record ModelSeal(
        String model, String importedFrom, @Nullable String licence, List<Sealed> files) {
    /** Name of the file. */
    static final String FILE = "lora4j-source.json";

    private static final String SHA256 = "sha256";
    private static final String BYTES = "bytes";
    private static final String MODIFIED = "modified_ms";

    /** One file as it was at the import. */
    record Sealed(String name, String sha256, long bytes, long modified) {
        boolean looksUntouched(Path file) throws IOException {
            return Files.size(file) == bytes && Files.getLastModifiedTime(file).toMillis() == modified;
        }
    }

    /** Copies the list. */
    ModelSeal {
        files = List.copyOf(files);
    }

    /** Writes the seal of a folder that was just imported. */
    static void write(Path folder, String model, String importedFrom, @Nullable String licence) throws IOException {
        ObjectNode seal = JsonNodeFactory.instance.objectNode();
        seal.put("model", model);
        seal.put("imported_from", importedFrom);
        if (licence != null) {
            seal.put("license", licence);
        }
        ObjectNode files = seal.putObject("files");
        for (Path file : files(folder)) {
            ObjectNode entry = files.putObject(file.getFileName().toString());
            entry.put(SHA256, Sha256.of(file));
            entry.put(BYTES, Files.size(file));
            entry.put(MODIFIED, Files.getLastModifiedTime(file).toMillis());
        }
        JsonFiles.write(folder.resolve(FILE), seal);
    }

    /** What a model is made of: configuration, tokenizer, weights. */
    static List<Path> files(Path folder) {
        List<Path> files = new ArrayList<>();
        files.add(folder.resolve(HuggingFaceFolder.CONFIG));
        files.add(folder.resolve(HuggingFaceFolder.TOKENIZER));
        files.addAll(WeightFiles.paths(folder));
        return files;
    }

    /** The seal of a folder, or null if it has none. */
    static @Nullable ModelSeal read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return null;
        }
        ObjectNode seal = JsonFiles.read(file);
        List<Sealed> files = new ArrayList<>();
        Iterator<Map.Entry<String, JsonNode>> entries = seal.path("files").fields();
        while (entries.hasNext()) {
            Map.Entry<String, JsonNode> entry = entries.next();
            JsonNode value = entry.getValue();
            if (!entry.getKey().matches("[A-Za-z0-9_][A-Za-z0-9._-]*")) {
                throw new FormatException(file, "the file name '" + entry.getKey() + "' is refused");
            }
            files.add(new Sealed(
                    entry.getKey(),
                    value.path(SHA256).asText(),
                    value.path(BYTES).asLong(-1),
                    value.path(MODIFIED).asLong(-1)));
        }
        JsonNode licence = seal.path("license");
        return new ModelSeal(
                seal.path("model").asText(),
                seal.path("imported_from").asText(),
                licence.isTextual() ? licence.textValue() : null,
                files);
    }

    private @Nullable Sealed find(String name) {
        return files.stream().filter(f -> f.name().equals(name)).findFirst().orElse(null);
    }

    /**
     * The checksum of a folder's weights, out of the seal where there is one that still holds.
     *
     * @return the file's SHA-256; of shards, that of the lines that {@code sha256sum} prints for them in the order of their names
     * @throws FormatException if the weights are not those that were imported
     * @throws IOException if a file cannot be read
     */
    static String sha256(Path folder) throws IOException {
        ModelSeal seal = read(folder);
        List<Path> weights = WeightFiles.paths(folder);
        StringBuilder lines = new StringBuilder();
        String last = "";
        for (Path file : weights) {
            last = sha256(seal, file);
            lines.append(last).append("  ").append(file.getFileName()).append('\n');
        }
        return weights.size() == 1 ? last : Sha256.of(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String sha256(@Nullable ModelSeal seal, Path file) throws IOException {
        Sealed sealed = seal == null ? null : seal.find(file.getFileName().toString());
        if (sealed != null && sealed.looksUntouched(file)) {
            return sealed.sha256();
        }
        String actual = Sha256.of(file);
        if (sealed != null && !actual.equals(sealed.sha256())) {
            throw new FormatException(
                    file,
                    "the file changed since it was imported (sha256 " + actual + ", imported was " + sealed.sha256()
                            + "); delete the folder and it is imported again");
        }
        return actual;
    }

    /**
     * Takes all checksums again, whatever sizes and times say.
     *
     * @return one line for each file that is missing or not the imported one
     */
    List<String> differences(Path folder) throws IOException {
        List<String> differences = new ArrayList<>();
        for (Sealed sealed : files) {
            Path file = folder.resolve(sealed.name());
            if (!Files.isRegularFile(file)) {
                differences.add(sealed.name() + ": is missing");
                continue;
            }
            String actual = Sha256.of(file);
            if (!actual.equals(sealed.sha256())) {
                differences.add(sealed.name() + ": sha256 is " + actual + ", imported was " + sealed.sha256());
            }
        }
        return differences;
    }
}
