package io.lora4j.models.bert;

import java.util.Objects;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * BERT's frozen embeddings: unpacks token ids to rows. Inputs {@code input_ids} [B, T], {@code token_type_ids} [B, T], {@code layout}
 * [B, T]; output [N, H], one row per real token: word + position + type (Devlin et al., arXiv 1810.04805, figure 2), without layer
 * normalisation. Positions are counted from 0 in every sequence.
 *
 * <p>Frozen arrays: {@code NAME.word_embeddings.weight} [V, H], {@code NAME.position_embeddings.weight} [P, H], {@code
 * NAME.token_type_embeddings.weight} [S, H].
 */
public final class EmbeddingRows extends EncoderVertexConfig {
    private static final long serialVersionUID = 1L;

    /** Name of the word table after the vertex's name and a dot. */
    static final String WORD_TENSOR = "word_embeddings.weight";
    /** Name of the position table after the vertex's name and a dot. */
    static final String POSITION_TENSOR = "position_embeddings.weight";
    /** Name of the token type table after the vertex's name and a dot. */
    static final String TYPE_TENSOR = "token_type_embeddings.weight";

    private final int vocabSize;
    private final int hiddenSize;
    private final int maxPositions;
    private final int typeVocabSize;

    /**
     * @param vocabSize V, number of token ids
     * @param hiddenSize H
     * @param maxPositions P, the longest sequence
     * @param typeVocabSize S, number of token types
     */
    public EmbeddingRows(
            @JsonProperty("vocabSize") int vocabSize,
            @JsonProperty("hiddenSize") int hiddenSize,
            @JsonProperty("maxPositions") int maxPositions,
            @JsonProperty("typeVocabSize") int typeVocabSize) {
        this.vocabSize = positive("vocabSize", vocabSize);
        this.hiddenSize = positive("hiddenSize", hiddenSize);
        this.maxPositions = positive("maxPositions", maxPositions);
        this.typeVocabSize = positive("typeVocabSize", typeVocabSize);
    }

    /**
     * Number of token ids.
     *
     * @return V
     */
    public int getVocabSize() {
        return vocabSize;
    }

    /**
     * Columns of the output.
     *
     * @return H
     */
    public int getHiddenSize() {
        return hiddenSize;
    }

    /**
     * The longest sequence.
     *
     * @return P
     */
    public int getMaxPositions() {
        return maxPositions;
    }

    /**
     * Number of token types.
     *
     * @return S
     */
    public int getTypeVocabSize() {
        return typeVocabSize;
    }

    @Override
    public int minVertexInputs() {
        return 3;
    }

    @Override
    public int maxVertexInputs() {
        return 3;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType... vertexInputs) {
        return InputType.feedForward(hiddenSize);
    }

    @Override
    public GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int idx,
            INDArray paramsView,
            boolean initializeParams,
            DataType networkDatatype) {
        return new FrozenEmbeddingRowsVertex(graph, name, idx, networkDatatype, this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EmbeddingRows that
                && vocabSize == that.vocabSize
                && hiddenSize == that.hiddenSize
                && maxPositions == that.maxPositions
                && typeVocabSize == that.typeVocabSize;
    }

    @Override
    public int hashCode() {
        return Objects.hash(vocabSize, hiddenSize, maxPositions, typeVocabSize);
    }
}
