package io.lora4j.models.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import java.nio.file.Path;

/**
 * The sizes in a BERT {@code config.json} that determine its tensors' shapes.
 *
 * @param vocabulary number of word pieces
 * @param hidden width H
 * @param layers number of layers
 * @param intermediate width of the feed-forward network
 * @param positions longest sequence
 * @param types number of token types
 */
record BertSizes(long vocabulary, long hidden, long layers, long intermediate, long positions, long types) {
    static BertSizes read(Path configJson) {
        ObjectNode config = JsonFiles.read(configJson);
        return new BertSizes(
                size(config, "vocab_size", configJson),
                size(config, "hidden_size", configJson),
                size(config, "num_hidden_layers", configJson),
                size(config, "intermediate_size", configJson),
                size(config, "max_position_embeddings", configJson),
                size(config, "type_vocab_size", configJson));
    }

    private static long size(ObjectNode config, String key, Path file) {
        JsonNode value = config.get(key);
        if (value == null || !value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
            throw new FormatException(file, key + " must be a whole number of at least 1, not " + value);
        }
        return value.intValue();
    }
}
