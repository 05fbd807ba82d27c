package io.lora4j.models.encoder;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Names and shapes of a checkpoint's tensors, as the graph of its family needs them.
 *
 * <p>Three spellings of a name: the file's; the canonical one, without the family's prefix and with today's LayerNorm names (very old files
 * call its arrays {@code gamma} and {@code beta}); and this project's, with the prefix, which is also the vertex's. A head's tensors have
 * no prefix in any of them. Immutable.
 */
public final class EncoderTensors {
    private final EncoderConfig config;
    private final Map<String, TensorSpec> required;
    private final Map<String, TensorSpec> pooler;

    private EncoderTensors(EncoderConfig config, Map<String, TensorSpec> required, Map<String, TensorSpec> pooler) {
        this.config = config;
        this.required = required;
        this.pooler = pooler;
    }

    /**
     * The tensors of a shape.
     *
     * @param config the shape
     * @return what a checkpoint of it has
     */
    public static EncoderTensors of(EncoderConfig config) {
        EncoderBuilder graph = new EncoderBuilder(config, DataType.FLOAT, false, 2, 0);
        String rows = config.family().encode(graph);
        Map<String, TensorSpec> encoder = graph.arrays();
        config.family().pool(graph, rows);
        Map<String, TensorSpec> pooler = graph.arrays();
        pooler.keySet().removeAll(encoder.keySet());
        return new EncoderTensors(config, unprefixed(config, encoder), unprefixed(config, pooler));
    }

    private static Map<String, TensorSpec> unprefixed(EncoderConfig config, Map<String, TensorSpec> arrays) {
        Map<String, TensorSpec> canonical = new LinkedHashMap<>();
        arrays.forEach((name, spec) -> canonical.put(withoutPrefix(config, name), spec));
        return canonical;
    }

    private static String withoutPrefix(EncoderConfig config, String name) {
        String prefix = config.family().prefix();
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }

    /**
     * The tensors without which there is no encoder.
     *
     * @return canonical name to shape, in the graph's order
     */
    public Map<String, TensorSpec> required() {
        return required;
    }

    /**
     * The tensors of the pooler, which a checkpoint has all or none of.
     *
     * @return canonical name to shape; empty for a family without one
     */
    public Map<String, TensorSpec> pooler() {
        return pooler;
    }

    /**
     * The tensors of the family's head, which a checkpoint has all or none of.
     *
     * @param labels number of classes
     * @return canonical name to shape; the last is the bias of the output layer, [labels]
     */
    public Map<String, TensorSpec> head(int labels) {
        EncoderBuilder graph = new EncoderBuilder(config, DataType.FLOAT, false, labels, 0);
        config.family().head(graph, EncoderGraph.POOLING);
        return graph.arrays();
    }

    /**
     * The canonical form of a file's name for a tensor.
     *
     * @param fileName the name in a file
     * @return without the family's prefix and in today's spelling
     */
    public String canonical(String fileName) {
        return withoutPrefix(config, fileName)
                .replace("LayerNorm.gamma", "LayerNorm.weight")
                .replace("LayerNorm.beta", "LayerNorm.bias");
    }

    /**
     * Whether a tensor is of no use: buffers that can be computed, and the heads of pre-training.
     *
     * @param canonical a canonical name
     * @return true if it may be left out
     */
    public boolean isUnused(String canonical) {
        return canonical.equals("embeddings.position_ids")
                || canonical.equals("embeddings.token_type_ids")
                || config.family().unusedTensors().stream().anyMatch(canonical::startsWith);
    }

    /**
     * This project's name.
     *
     * @param canonical a canonical name
     * @return with the prefix if it belongs to the encoder, else as it is
     */
    public String ours(String canonical) {
        boolean encoder = required.containsKey(canonical) || pooler.containsKey(canonical);
        return encoder ? config.family().prefix() + canonical : canonical;
    }
}
