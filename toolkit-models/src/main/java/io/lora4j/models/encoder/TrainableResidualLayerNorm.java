package io.lora4j.models.encoder;

import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * {@link ResidualLayerNorm} whose weight and bias are trained: same inputs, same output; DL4J parameters {@code weight} and {@code bias}
 * [H], both vectors to an optimiser.
 */
public final class TrainableResidualLayerNorm extends TrainableVertexConfig {
    private static final long serialVersionUID = 1L;

    static final String WEIGHT = "weight";
    static final String BIAS = "bias";

    private final ResidualLayerNorm norm;

    /**
     * @param norm size, epsilon and dropout
     */
    public TrainableResidualLayerNorm(@JsonProperty("norm") ResidualLayerNorm norm) {
        this.norm = Objects.requireNonNull(norm, "norm");
    }

    /**
     * Size, epsilon and dropout.
     *
     * @return the frozen form
     */
    public ResidualLayerNorm getNorm() {
        return norm;
    }

    @Override
    List<VertexParameter> parameters() {
        return List.of(
                VertexParameter.vector(WEIGHT, WEIGHT, norm.getHiddenSize()),
                VertexParameter.vector(BIAS, BIAS, norm.getHiddenSize()));
    }

    @Override
    TrainableVertexConfig fresh() {
        return new TrainableResidualLayerNorm(norm);
    }

    @Override
    public int minVertexInputs() {
        return norm.minVertexInputs();
    }

    @Override
    public int maxVertexInputs() {
        return norm.maxVertexInputs();
    }

    @Override
    public GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int idx,
            INDArray paramsView,
            boolean initializeParams,
            DataType networkDatatype) {
        VertexParameters parameters = new VertexParameters(name, this, paramsView, initializeParams);
        return new TrainableResidualLayerNormVertex(graph, name, idx, networkDatatype, norm, parameters);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TrainableResidualLayerNorm that && norm.equals(that.norm) && sameOptimizer(that);
    }

    @Override
    public int hashCode() {
        return norm.hashCode();
    }
}
