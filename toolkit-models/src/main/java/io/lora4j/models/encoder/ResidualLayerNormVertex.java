package io.lora4j.models.encoder;

import io.lora4j.kernel.EncoderKernels.Normalized;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Layer normalisation after a residual sum, with frozen or trainable weight and bias. */
abstract class ResidualLayerNormVertex extends EncoderVertex {
    private static final long serialVersionUID = 1L;

    private final ResidualLayerNorm config;
    private transient @Nullable Normalized saved;
    private transient @Nullable INDArray inputMask;
    private transient @Nullable INDArray outputMask;

    ResidualLayerNormVertex(
            ComputationGraph graph,
            String name,
            int index,
            DataType dataType,
            ResidualLayerNorm config,
            @Nullable VertexParameters parameters) {
        super(graph, name, index, dataType, parameters);
        this.config = config;
    }

    /** The weight to use, [H]. */
    abstract INDArray weight();

    /** The bias to use, [H]. */
    abstract INDArray bias();

    /** Writes the gradients of weight and bias, if there are any to write. */
    abstract void backpropParameters(INDArray dy, Normalized normalized);

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
        kernels.layerNorm(x, inputs.length == 2 ? inputs[1] : null, weight(), bias(), config.getEpsilon(), out, saved);
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
        Normalized normalized = requireKept(saved);
        backpropParameters(dy, normalized);
        INDArray du = gradient(workspaces, epsilon.shape());
        kernels.layerNormBackward(dy, weight(), normalized, du);
        if (inputs.length == 1) {
            return new INDArray[] {inputMask == null ? du : du.muli(inputMask)};
        }
        if (!needsGradient(1)) {
            return new INDArray[] {inputMask == null ? du : du.muli(inputMask), null};
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
