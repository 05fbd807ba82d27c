package io.lora4j.models.encoder;

import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.FrozenWeightsHolder;
import io.lora4j.kernel.EncoderKernels.Normalized;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Implementation of {@link ResidualLayerNorm}. */
final class FrozenResidualLayerNormVertex extends ResidualLayerNormVertex implements FrozenWeightsHolder {
    private static final long serialVersionUID = 1L;

    private final int hiddenSize;
    private transient @Nullable INDArray weight;
    private transient @Nullable INDArray bias;

    FrozenResidualLayerNormVertex(
            ComputationGraph graph, String name, int index, DataType dataType, ResidualLayerNorm config) {
        super(graph, name, index, dataType, config, null);
        this.hiddenSize = config.getHiddenSize();
    }

    @Override
    public void bindFrozen(FrozenWeights weights) {
        weight = frozen(weights, "weight", hiddenSize);
        bias = frozen(weights, "bias", hiddenSize);
    }

    @Override
    INDArray weight() {
        return requireBound(weight);
    }

    @Override
    INDArray bias() {
        return requireBound(bias);
    }

    @Override
    void backpropParameters(INDArray dy, Normalized saved) {}
}
