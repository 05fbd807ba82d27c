package io.lora4j.models.encoder;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Frozen embeddings: unpacks token ids to rows. Inputs {@code input_ids} [B, T], {@code token_type_ids} [B, T], {@code layout}
 * [B, T]; output [N, H], one row per real token: word + position + type (Devlin et al., arXiv 1810.04805, figure 2), without layer
 * normalisation.
 *
 * <p>Positions are counted from 0 in every sequence; or, as RoBERTa does it, from {@code padTokenId + 1} over the tokens that are not the
 * padding token, which has the position {@code padTokenId} itself wherever it stands (Hugging Face's {@code
 * create_position_ids_from_input_ids}). With one token type or none, {@code token_type_ids} is not looked at.
 *
 * <p>Frozen arrays: {@code NAME.word_embeddings.weight} [V, H], {@code NAME.position_embeddings.weight} [P, H], and, with S > 0, {@code
 * NAME.token_type_embeddings.weight} [S, H].
 */
public final class EmbeddingRows extends EncoderVertexConfig {
    private static final long serialVersionUID = 1L;

    /** For {@code padTokenId}: positions are counted from 0. */
    public static final int FROM_ZERO = -1;

    /** Name of the word table after the vertex's name and a dot. */
    static final String WORD_TENSOR = "word_embeddings.weight";
    /** Name of the position table after the vertex's name and a dot. */
    static final String POSITION_TENSOR = "position_embeddings.weight";
    /** Name of the token type table after the vertex's name and a dot. */
    static final String TYPE_TENSOR = "token_type_embeddings.weight";

    private final int vocabSize;
    private final int hiddenSize;
    private final int positionRows;
    private final int typeVocabSize;
    private final boolean oneType;
    private final int padTokenId;

    /**
     * Positions from 0, token types as they are given.
     *
     * @param vocabSize V, number of token ids
     * @param hiddenSize H
     * @param positionRows P, the longest sequence
     * @param typeVocabSize S, number of token types; 0 for no such table
     */
    public EmbeddingRows(int vocabSize, int hiddenSize, int positionRows, int typeVocabSize) {
        this(vocabSize, hiddenSize, positionRows, typeVocabSize, typeVocabSize < 2, FROM_ZERO);
    }

    /**
     * @param vocabSize V, number of token ids
     * @param hiddenSize H
     * @param positionRows P, rows of the position table
     * @param typeVocabSize S, number of token types; 0 for no such table
     * @param oneType whether every token is of type 0, whatever is given
     * @param padTokenId the token after which positions are counted, or {@link #FROM_ZERO}
     */
    @JsonCreator
    public EmbeddingRows(
            @JsonProperty("vocabSize") int vocabSize,
            @JsonProperty("hiddenSize") int hiddenSize,
            @JsonProperty("positionRows") int positionRows,
            @JsonProperty("typeVocabSize") int typeVocabSize,
            @JsonProperty("oneType") boolean oneType,
            @JsonProperty("padTokenId") int padTokenId) {
        this.vocabSize = positive("vocabSize", vocabSize);
        this.hiddenSize = positive("hiddenSize", hiddenSize);
        this.positionRows = positive("positionRows", positionRows);
        this.typeVocabSize = typeVocabSize;
        this.oneType = oneType;
        this.padTokenId = padTokenId;
        if (typeVocabSize < (oneType ? 0 : 2)) {
            throw new IllegalArgumentException("typeVocabSize " + typeVocabSize + " with oneType " + oneType);
        }
        positive("the number of positions", longest());
    }

    /** Own names of the tables, without the vertex's, and their shapes. */
    Map<String, List<Long>> tables() {
        Map<String, List<Long>> tables = new LinkedHashMap<>();
        tables.put(WORD_TENSOR, List.of((long) vocabSize, (long) hiddenSize));
        tables.put(POSITION_TENSOR, List.of((long) positionRows, (long) hiddenSize));
        if (typeVocabSize > 0) {
            tables.put(TYPE_TENSOR, List.of((long) typeVocabSize, (long) hiddenSize));
        }
        return tables;
    }

    /** The longest sequence that has positions. */
    int longest() {
        return positionRows - (padTokenId + 1);
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
     * Rows of the position table.
     *
     * @return P
     */
    public int getPositionRows() {
        return positionRows;
    }

    /**
     * Number of token types.
     *
     * @return S
     */
    public int getTypeVocabSize() {
        return typeVocabSize;
    }

    /**
     * Whether every token is of type 0.
     *
     * @return true if {@code token_type_ids} is not looked at
     */
    public boolean isOneType() {
        return oneType;
    }

    /**
     * The token after which positions are counted.
     *
     * @return its id, or {@link #FROM_ZERO}
     */
    public int getPadTokenId() {
        return padTokenId;
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
                && positionRows == that.positionRows
                && typeVocabSize == that.typeVocabSize
                && oneType == that.oneType
                && padTokenId == that.padTokenId;
    }

    @Override
    public int hashCode() {
        return Objects.hash(vocabSize, hiddenSize, positionRows, typeVocabSize, oneType, padTokenId);
    }
}
