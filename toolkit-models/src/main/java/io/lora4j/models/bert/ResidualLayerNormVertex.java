package io.lora4j.models.bert;

import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.FrozenWeightsHolder;
import io.lora4j.kernel.EncoderKernels.Normalized;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Implementation of {@link ResidualLayerNorm}. */
final class ResidualLayerNormVertex extends EncoderVertex implements FrozenWeightsHolder {
    private static final long serialVersionUID = 1L;

    private final ResidualLayerNorm config;
    private transient @Nullable INDArray weight;
    private transient @Nullable INDArray bias;
    private transient @Nullable Normalized saved;
    private transient @Nullable INDArray inputMask;
    private transient @Nullable INDArray outputMask;

    ResidualLayerNormVertex(
            ComputationGraph graph, String name, int index, DataType dataType, ResidualLayerNorm config) {
        super(graph, name, index, dataType);
        this.config = config;
    }

    @Override
    public void bindFrozen(FrozenWeights weights) {
        weight = frozen(weights, "weight", config.getHiddenSize());
        bias = frozen(weights, "bias", config.getHiddenSize());
    }

    @Override
    INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray x = inputs[0];
        long[] shape = x.shape();
        INDArray out = activation(workspaces, shape);
        inputMask = dropoutMask(config.getInputDropout(), training, workspaces, shape);
        if (inputMask != null) {
            x = x.mul(inputMask, out);
        }
        saved = training ? new Normalized(activation(workspaces, shape), activation(workspaces, shape[0])) : null;
        kernels.layerNorm(
                x,
                inputs.length == 2 ? inputs[1] : null,
                requireBound(weight),
                requireBound(bias),
                config.getEpsilon(),
                out,
                saved);
        outputMask = dropoutMask(config.getOutputDropout(), training, workspaces, shape);
        return outputMask == null ? out : out.muli(outputMask);
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dy = epsilon;
        if (outputMask != null) {
            dy = epsilon.mul(outputMask, Nd4j.createUninitialized(dataType, epsilon.shape(), 'c'));
        }
        INDArray du = gradient(workspaces, epsilon.shape());
        kernels.layerNormBackward(dy, requireBound(weight), requireKept(saved), du);
        if (inputs.length == 1) {
            return new INDArray[] {inputMask == null ? du : du.muli(inputMask)};
        }
        // Two arrays: DL4J adds other gradients into them in place.
        INDArray dx = inputMask == null
                ? workspaces.dup(ArrayType.ACTIVATION_GRAD, du, 'c')
                : du.mul(inputMask, gradient(workspaces, du.shape()));
        return new INDArray[] {dx, du};
    }

    @Override
    public void clear() {
        super.clear();
        saved = null;
        inputMask = null;
        outputMask = null;
    }
}
