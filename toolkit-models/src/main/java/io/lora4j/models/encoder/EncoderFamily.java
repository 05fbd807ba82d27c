package io.lora4j.models.encoder;

import java.util.List;

/**
 * One architecture of encoders: everything that differs between, say, BERT and DistilBERT. All families are listed in {@code
 * io.lora4j.models.family.EncoderFamilies}; nothing else names one.
 *
 * <p>A family says its layers once, to an {@link EncoderBuilder}; the frozen graph, the graph for full fine-tuning, and the names and shapes
 * of a checkpoint's tensors ({@link EncoderTensors}) all follow from that. Vertices are named as Hugging Face names the family's modules, so
 * checkpoints, adapters and target patterns are look-ups by name. Implementations have no state and are compared by identity.
 */
public interface EncoderFamily {
    /**
     * The family's name.
     *
     * @return {@code model_type} of {@code config.json}
     */
    String modelType();

    /**
     * What a model with a head puts in front of the encoder's names, and what this project's names always have.
     *
     * @return Hugging Face's {@code base_model_prefix} and a dot
     */
    String prefix();

    /**
     * Reads a {@code config.json} of this family. Keys that do not change the encoder's arithmetic are ignored.
     *
     * @param json the file; its {@code model_type} is this family's
     * @return the shape
     * @throws io.lora4j.error.FormatException if keys are missing, have the wrong type, or describe what this family cannot compute
     * @throws IllegalArgumentException if a value is out of range; the caller adds the file's name
     */
    EncoderConfig read(ConfigFile json);

    /**
     * Adds embeddings and layers.
     *
     * @param graph receives the vertices
     * @return the vertex with the last hidden rows [N, H]
     */
    String encode(EncoderBuilder graph);

    /**
     * Adds what is pre-trained and stands between the first token's row and the head, for {@link Pooling#CLS}. Nothing unless a family has a
     * pooler that its classifier uses.
     *
     * @param graph receives the vertices
     * @param first the vertex with the first tokens' rows [B, H]
     * @return the vertex with the vectors that the head takes, [B, H]
     */
    default String pool(EncoderBuilder graph, String first) {
        return first;
    }

    /**
     * Adds the head for {@link Pooling#CLS}, the trainable part on top: what is between {@link #pool} and the logits in Hugging Face's
     * {@code ...ForSequenceClassification}, dropout included.
     *
     * @param graph receives the vertices; the last of them through {@link EncoderBuilder#output}
     * @param features the vertex with the vectors, [B, H]
     */
    void head(EncoderBuilder graph, String features);

    /**
     * What "all linear layers" means: the linear maps of every layer; neither embeddings' projections nor poolers.
     *
     * @return target entries, as {@link io.lora4j.adapter.LoraConfig} matches them
     */
    List<String> allLinear();

    /**
     * Tensors of a checkpoint that no classifier uses: the heads of pre-training.
     *
     * @return beginnings of names, without {@link #prefix}
     */
    List<String> unusedTensors();
}
