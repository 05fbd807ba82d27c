package io.lora4j.models.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.error.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The index of a checkpoint that is split into several files: tensor name to file name.
 *
 * <p>Format (huggingface/transformers, {@code src/transformers/utils/hub.py}, {@code get_checkpoint_shard_files}): a JSON object with
 * {@code weight_map}, and {@code metadata} that is not needed.
 */
final class WeightIndex {
    /** Name of the index beside the shards. */
    static final String FILE = "model.safetensors.index.json";

    private static final String ENDING = ".safetensors";

    private WeightIndex() {}

    /**
     * Reads an index.
     *
     * @return tensor name to the name of a file in the same folder in the file's order
     * @throws FormatException if it is no index, or names a path instead of a file's name
     */
    static Map<String, String> read(Path index) throws IOException {
        if (Files.size(index) > SafetensorsHeader.MAX_HEADER_BYTES) {
            throw new FormatException(
                    index,
                    "the index has " + Files.size(index) + " bytes, the limit is "
                            + SafetensorsHeader.MAX_HEADER_BYTES);
        }
        JsonNode map = JsonFiles.read(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new FormatException(index, "there is no weight_map of tensor names to file names");
        }
        Map<String, String> shards = new LinkedHashMap<>();
        Iterator<Map.Entry<String, JsonNode>> entries = map.fields();
        while (entries.hasNext()) {
            Map.Entry<String, JsonNode> entry = entries.next();
            if (!entry.getValue().isTextual()) {
                throw new FormatException(
                        index, "tensor '" + entry.getKey() + "' has no file name but " + entry.getValue());
            }
            shards.put(entry.getKey(), entry.getValue().textValue());
        }
        shards.values().stream().distinct().forEach(shard -> check(index, shard));
        return shards;
    }

    /** A shard is a plain name of a file beside the index: nothing in an index leads out of its folder. */
    private static void check(Path index, String shard) {
        boolean plain = shard.endsWith(ENDING)
                && shard.chars().allMatch(c -> c == '-' || c == '_' || c == '.' || Character.isLetterOrDigit(c))
                && !shard.startsWith(".");
        if (!plain) {
            throw new FormatException(
                    index,
                    "the shard name '" + shard + "' is refused: a shard must be a plain file name ending in " + ENDING
                            + " in the index's own folder");
        }
    }
}
