package io.lora4j.models.encoder;

import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Multi-head self-attention within every sequence (see {@link io.lora4j.kernel.EncoderKernels#attention}). Inputs query, key, value
 * rows [N, H] and {@code layout} [B, T], which must come last; output context rows [N, H]. Attention probabilities pass a dropout in
 * training. With {@code firstQueriesOnly} the query has one row per sequence, [B, H], which attends to all keys of its sequence, and so has the
 * output.
 */
public final class SelfAttention extends EncoderVertexConfig {
    private static final long serialVersionUID = 1L;

    private final int heads;
    private final double dropout;
    private final boolean firstQueriesOnly;

    /**
     * Every row asks.
     *
     * @param heads number of heads, divides H
     * @param dropout probability with which an attention probability becomes 0 in training
     */
    public SelfAttention(int heads, double dropout) {
        this(heads, dropout, false);
    }

    /**
     * @param heads number of heads, divides H
     * @param dropout probability with which an attention probability becomes 0 in training
     * @param firstQueriesOnly whether the query has one row per sequence; false where a stored graph does not say
     */
    @JsonCreator
    public SelfAttention(
            @JsonProperty("heads") int heads,
            @JsonProperty("dropout") double dropout,
            @JsonProperty("firstQueriesOnly") boolean firstQueriesOnly) {
        this.heads = positive("heads", heads);
        this.dropout = rate(dropout);
        this.firstQueriesOnly = firstQueriesOnly;
    }

    /**
     * Number of heads.
     *
     * @return at least 1
     */
    public int getHeads() {
        return heads;
    }

    /**
     * Dropout of the attention probabilities.
     *
     * @return the probability of a zero
     */
    public double getDropout() {
        return dropout;
    }

    /**
     * Whether the query has one row per sequence.
     *
     * @return false if every row asks
     */
    public boolean isFirstQueriesOnly() {
        return firstQueriesOnly;
    }

    @Override
    public int minVertexInputs() {
        return 4;
    }

    @Override
    public int maxVertexInputs() {
        return 4;
    }

    @Override
    public GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int idx,
            INDArray paramsView,
            boolean initializeParams,
            DataType networkDatatype) {
        return new SelfAttentionVertex(graph, name, idx, networkDatatype, this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SelfAttention that
                && heads == that.heads
                && Double.compare(dropout, that.dropout) == 0
                && firstQueriesOnly == that.firstQueriesOnly;
    }

    @Override
    public int hashCode() {
        return Objects.hash(heads, dropout, firstQueriesOnly);
    }
}
