package io.lora4j.models.encoder;

import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * One vector per sequence. Inputs rows [N, H] and {@code layout} [B, T], which must come last; output [B, H]: the first row of every
 * sequence ({@link Pooling#CLS}, {@link Pooling#FIRST_TOKEN}) or the mean of its rows ({@link Pooling#MEAN}).
 */
public final class SequencePooling extends EncoderVertexConfig {
    private static final long serialVersionUID = 1L;

    private final Pooling pooling;

    /**
     * @param pooling how rows become a vector
     */
    public SequencePooling(@JsonProperty("pooling") Pooling pooling) {
        this.pooling = Objects.requireNonNull(pooling, "pooling");
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
        return new SequencePoolingVertex(graph, name, idx, networkDatatype, pooling);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequencePooling that && pooling == that.pooling;
    }

    @Override
    public int hashCode() {
        return pooling.name().hashCode();
    }
}
