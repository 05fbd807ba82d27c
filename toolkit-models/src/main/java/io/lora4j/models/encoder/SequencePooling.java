package io.lora4j.models.encoder;

import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * One vector per sequence. Inputs rows [N, H] and {@code layout} [B, T], which must come last; output [B, H]: the first row of every
 * sequence ({@link Pooling#CLS}, {@link Pooling#FIRST_TOKEN}) or the mean of its rows ({@link Pooling#MEAN}). Where the layers below have
 * computed the first rows only ({@link FirstRows}), the input is [B, H] already and the output equal to it.
 */
public final class SequencePooling extends EncoderVertexConfig {
    private static final long serialVersionUID = 1L;

    private final Pooling pooling;
    private final boolean firstRowsOnly;

    /**
     * Pooling of all rows.
     *
     * @param pooling how rows become a vector
     */
    public SequencePooling(Pooling pooling) {
        this(pooling, false);
    }

    /**
     * @param pooling how rows become a vector
     * @param firstRowsOnly whether the input is the first rows, [B, H]; false where a stored graph does not say
     * @throws IllegalArgumentException if a mean is to be taken of first rows
     */
    @JsonCreator
    public SequencePooling(
            @JsonProperty("pooling") Pooling pooling, @JsonProperty("firstRowsOnly") boolean firstRowsOnly) {
        this.pooling = Objects.requireNonNull(pooling, "pooling");
        if (firstRowsOnly && pooling == Pooling.MEAN) {
            throw new IllegalArgumentException("the mean needs all rows");
        }
        this.firstRowsOnly = firstRowsOnly;
    }

    /**
     * Whether the input is the first rows.
     *
     * @return false if it is all rows
     */
    public boolean isFirstRowsOnly() {
        return firstRowsOnly;
    }

    /**
     * How rows become a vector.
     *
     * @return the rule
     */
    public Pooling getPooling() {
        return pooling;
    }

    @Override
    public int minVertexInputs() {
        return 2;
    }

    @Override
    public int maxVertexInputs() {
        return 2;
    }

    @Override
    public GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int idx,
            INDArray paramsView,
            boolean initializeParams,
            DataType networkDatatype) {
        return new SequencePoolingVertex(graph, name, idx, networkDatatype, this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequencePooling that && pooling == that.pooling && firstRowsOnly == that.firstRowsOnly;
    }

    @Override
    public int hashCode() {
        return Objects.hash(pooling.name(), firstRowsOnly);
    }
}
