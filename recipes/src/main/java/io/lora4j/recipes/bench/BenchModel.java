package io.lora4j.recipes.bench;

import io.lora4j.models.encoder.EmbeddingRows;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderFamily;
import io.lora4j.models.encoder.HiddenActivation;
import io.lora4j.models.family.EncoderFamilies;
import io.lora4j.recipes.schema.Types;
import java.util.Objects;

/** The shapes that can be timed; a single step's weights are random, so nothing is fetched. */
public enum BenchModel {
    /** all-MiniLM-L6-v2: 6 layers, 384 columns, 12 heads, 1,536 inside the feed-forward block. */
    MINILM_L6("all-MiniLM-L6-v2", 6, 384, 12, 1536),
    /** bert-base-uncased: 12 layers, 768 columns, 12 heads, 3,072 inside the feed-forward block. */
    BERT_BASE("bert-base-uncased", 12, 768, 12, 3072);

    /** Longest sequence of both. */
    static final int POSITIONS = 512;

    /** Token ids of both. */
    static final int VOCABULARY = 30_522;

    private static final int TOKEN_TYPES = 2;
    private static final double EPSILON = 1e-12;
    private static final double INITIALIZER_RANGE = 0.02;

    /** What recipes call the encoder that has this shape. */
    final String known;

    final int layers;
    final int hidden;
    final int heads;
    final int inner;

    BenchModel(String known, int layers, int hidden, int heads, int inner) {
        this.known = known;
        this.layers = layers;
        this.hidden = hidden;
        this.heads = heads;
        this.inner = inner;
    }

    /**
     * The encoder.
     *
     * @param dropout of embeddings, attention, block outputs and head
     * @return a BERT of this shape
     */
    EncoderConfig encoder(double dropout) {
        EncoderFamily bert = Objects.requireNonNull(EncoderFamilies.find("bert"));
        return new EncoderConfig(
                bert,
                VOCABULARY,
                hidden,
                hidden,
                layers,
                heads,
                inner,
                POSITIONS,
                TOKEN_TYPES,
                EmbeddingRows.FROM_ZERO,
                EPSILON,
                HiddenActivation.GELU,
                dropout,
                dropout,
                dropout,
                INITIALIZER_RANGE);
    }

    /** The name on the command line and in JSON. */
    @Override
    public String toString() {
        return Types.name(this);
    }
}
