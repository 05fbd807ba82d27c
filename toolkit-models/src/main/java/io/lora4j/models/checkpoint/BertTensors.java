package io.lora4j.models.checkpoint;

import io.lora4j.models.bert.BertConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names and shapes of the tensors of a BERT checkpoint, as Hugging Face's {@code BertModel} names them, in PyTorch's orientation.
 *
 * <p>Source: huggingface/transformers, {@code src/transformers/models/bert/modeling_bert.py}. A model with a head puts {@code bert.}
 * in front of all of them; very old files call LayerNorm's arrays {@code gamma} and {@code beta}.
 */
final class BertTensors {
    /** What a model with a head puts in front of the encoder's names, and what this project's names always have. */
    static final String PREFIX = "bert.";

    private static final String CLASSIFIER = "classifier.";

    private BertTensors() {}

    /** The tensors without which there is no encoder: name to shape. */
    static Map<String, List<Long>> required(BertConfig config) {
        long hidden = config.hiddenSize();
        long intermediate = config.intermediateSize();
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        shapes.put("embeddings.word_embeddings.weight", List.of((long) config.vocabSize(), hidden));
        shapes.put("embeddings.position_embeddings.weight", List.of((long) config.maxPositions(), hidden));
        shapes.put("embeddings.token_type_embeddings.weight", List.of((long) config.typeVocabSize(), hidden));
        norm(shapes, "embeddings.LayerNorm", hidden);
        for (int i = 0; i < config.layers(); i++) {
            String layer = "encoder.layer." + i + ".";
            linear(shapes, layer + "attention.self.query", hidden, hidden);
            linear(shapes, layer + "attention.self.key", hidden, hidden);
            linear(shapes, layer + "attention.self.value", hidden, hidden);
            linear(shapes, layer + "attention.output.dense", hidden, hidden);
            norm(shapes, layer + "attention.output.LayerNorm", hidden);
            linear(shapes, layer + "intermediate.dense", hidden, intermediate);
            linear(shapes, layer + "output.dense", intermediate, hidden);
            norm(shapes, layer + "output.LayerNorm", hidden);
        }
        return shapes;
    }

    /** The tensors an encoder may have: the pooler, both or none. */
    static Map<String, List<Long>> optional(BertConfig config) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        linear(shapes, "pooler.dense", config.hiddenSize(), config.hiddenSize());
        return shapes;
    }

    private static void linear(Map<String, List<Long>> shapes, String name, long in, long out) {
        shapes.put(name + ".weight", List.of(out, in));
        shapes.put(name + ".bias", List.of(out));
    }

    private static void norm(Map<String, List<Long>> shapes, String name, long size) {
        shapes.put(name + ".weight", List.of(size));
        shapes.put(name + ".bias", List.of(size));
    }

    /** A file's name for a tensor without prefix and in today's spelling. */
    static String canonical(String fileName) {
        String name = fileName.startsWith(PREFIX) ? fileName.substring(PREFIX.length()) : fileName;
        return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias");
    }

    /** A head's own tensor, which has no prefix in any file. */
    static boolean isClassifier(String canonical) {
        return canonical.equals(CLASSIFIER + "weight") || canonical.equals(CLASSIFIER + "bias");
    }

    /** Buffers that can be computed, and the heads of pre-training, which no classifier uses. */
    static boolean isIgnored(String canonical) {
        return canonical.equals("embeddings.position_ids")
                || canonical.equals("embeddings.token_type_ids")
                || canonical.startsWith("cls.");
    }

    /** This project's name: always with the prefix, but for the head. */
    static String ours(String canonical) {
        return isClassifier(canonical) ? canonical : PREFIX + canonical;
    }

    /** A linear map's matrix is stored [out, in] and used [in, out]; embeddings, vectors and norms are used as they are. */
    static boolean isLinearWeight(String canonical) {
        return canonical.endsWith(".weight")
                && !canonical.startsWith("embeddings.")
                && !canonical.contains("LayerNorm");
    }
}
