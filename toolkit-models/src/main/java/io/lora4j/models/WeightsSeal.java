package io.lora4j.models;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file in an imported folder that says where the model came from and what its weights' checksum is.
 *
 * <p>The checksum is taken once, at import. As long as size and time of {@code model.safetensors} are those of the import it is believed;
 * otherwise it is taken again and must be the same. A folder without a seal is the user's own and gets its checksum when it is loaded.
 */
final class WeightsSeal {
    /** Name of the file. */
    static final String FILE = "lora4j-source.json";
    /** Key of the checksum. */
    static final String SHA256 = "sha256";

    private static final String BYTES = "bytes";
    private static final String MODIFIED = "modified_ms";

    private WeightsSeal() {}

    /** Writes the seal of a folder that was just imported. */
    static void write(Path folder, String model, String importedFrom) throws IOException {
        Path weights = folder.resolve(HuggingFaceFolder.WEIGHTS);
        ObjectNode seal = JsonNodeFactory.instance.objectNode();
        seal.put("model", model);
        seal.put("imported_from", importedFrom);
        seal.put(SHA256, Sha256.of(weights));
        seal.put(BYTES, Files.size(weights));
        seal.put(MODIFIED, Files.getLastModifiedTime(weights).toMillis());
        JsonFiles.write(folder.resolve(FILE), seal);
    }

    /**
     * The checksum of a folder's weights, out of the seal where there is one that still holds.
     *
     * @throws FormatException if the weights are not those that were imported
     * @throws IOException if a file cannot be read
     */
    static String sha256(Path folder) throws IOException {
        Path weights = folder.resolve(HuggingFaceFolder.WEIGHTS);
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Sha256.of(weights);
        }
        ObjectNode seal = JsonFiles.read(file);
        String sealed = seal.path(SHA256).asText();
        boolean untouched = seal.path(BYTES).asLong(-1) == Files.size(weights)
                && seal.path(MODIFIED).asLong(-1)
                        == Files.getLastModifiedTime(weights).toMillis();
        if (untouched) {
            return sealed;
        }
        String actual = Sha256.of(weights);
        if (!sealed.isEmpty() && !actual.equals(sealed)) {
            throw new FormatException(
                    weights,
                    "the file changed since it was imported (sha256 " + actual + ", imported was " + sealed
                            + "); delete the folder and it is imported again");
        }
        return actual;
    }
}
