package io.lora4j.models.encoder;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Inverted dropout of one input, as it stands before BERT's classifier: in training y = x * mask / (1 - p), else y = x. */
public final class RowDropout extends EncoderVertexConfig {
    private static final long serialVersionUID = 1L;

    private final double dropout;

    /**
     * @param dropout p, the probability with which a value becomes 0 in training, in [0, 1)
     */
    public RowDropout(@JsonProperty("dropout") double dropout) {
        this.dropout = rate(dropout);
    }

    /**
     * The probability of a zero.
     *
     * @return p
     */
    public double getDropout() {
        return dropout;
    }

    @Override
    public int minVertexInputs() {
        return 1;
    }

    @Override
    public int maxVertexInputs() {
        return 1;
    }

    @Override
    public GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int idx,
            INDArray paramsView,
            boolean initializeParams,
            DataType networkDatatype) {
        return new RowDropoutVertex(graph, name, idx, networkDatatype, dropout);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RowDropout that && Double.compare(dropout, that.dropout) == 0;
    }

    @Override
    public int hashCode() {
        return Double.hashCode(dropout);
    }
}
