package io.lora4j.models.encoder;

import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Frozen layer normalisation of rows [N, H], y = n(x) * weight + bias (see {@link io.lora4j.kernel.EncoderKernels#layerNorm}). With
 * two inputs x and residual it normalises dropout(x) + residual, as every block of BERT does; with one input it normalises
 * dropout(x). A second dropout may follow the normalisation, as in BERT's embeddings.
 *
 * <p>Frozen arrays: {@code NAME.weight} and {@code NAME.bias} [H].
 */
public final class ResidualLayerNorm extends EncoderVertexConfig {
    private static final long serialVersionUID = 1L;

    private final int hiddenSize;
    private final double epsilon;
    private final double inputDropout;
    private final double outputDropout;

    /**
     * @param hiddenSize H
     * @param epsilon added to the variance, greater than 0
     * @param inputDropout probability with which a value of the first input becomes 0 in training, before the residual is added
     * @param outputDropout probability with which a value of the result becomes 0 in training
     */
    public ResidualLayerNorm(
            @JsonProperty("hiddenSize") int hiddenSize,
            @JsonProperty("epsilon") double epsilon,
            @JsonProperty("inputDropout") double inputDropout,
            @JsonProperty("outputDropout") double outputDropout) {
        if (!(epsilon > 0)) {
            throw new IllegalArgumentException("epsilon must be greater than 0: " + epsilon);
        }
        this.hiddenSize = positive("hiddenSize", hiddenSize);
        this.epsilon = epsilon;
        this.inputDropout = rate(inputDropout);
        this.outputDropout = rate(outputDropout);
    }

    /**
     * Columns of a row.
     *
     * @return H
     */
    public int getHiddenSize() {
        return hiddenSize;
    }

    /**
     * What is added to the variance.
     *
     * @return epsilon
     */
    public double getEpsilon() {
        return epsilon;
    }

    /**
     * Dropout of the first input.
     *
     * @return the probability of a zero
     */
    public double getInputDropout() {
        return inputDropout;
    }

    /**
     * Dropout of the result.
     *
     * @return the probability of a zero
     */
    public double getOutputDropout() {
        return outputDropout;
    }

    @Override
    public int minVertexInputs() {
        return 1;
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
        return new FrozenResidualLayerNormVertex(graph, name, idx, networkDatatype, this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ResidualLayerNorm that
                && hiddenSize == that.hiddenSize
                && Double.compare(epsilon, that.epsilon) == 0
                && Double.compare(inputDropout, that.inputDropout) == 0
                && Double.compare(outputDropout, that.outputDropout) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hash(hiddenSize, epsilon, inputDropout, outputDropout);
    }
}
