package io.lora4j.models.encoder;

import io.lora4j.kernel.Dropout;
import io.lora4j.kernel.EncoderKernels.Normalized;
import org.deeplearning4j.nn.graph.ComputationGraph;
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
    private transient @Nullable Dropout inputMask;
    private transient @Nullable Dropout outputMask;

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
        Dropout before = dropout(config.getInputDropout(), training);
        inputMask = before;
        if (before != null) {
            kernels.dropout(before, x, out);
            x = out;
        }
        // n needs no array of its own: x is read row by row before n is written, and the backward pass needs n only.
        saved = training ? new Normalized(keptOverInput(workspaces), activation(workspaces, shape[0])) : null;
        kernels.layerNorm(x, inputs.length == 2 ? inputs[1] : null, weight(), bias(), config.getEpsilon(), out, saved);
        Dropout behind = dropout(config.getOutputDropout(), training);
        outputMask = behind;
        if (behind != null) {
            kernels.dropout(behind, out, out);
        }
        return out;
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dy = epsilon;
        Dropout behind = outputMask;
        if (behind != null) {
            dy = Nd4j.createUninitialized(dataType, epsilon.shape(), 'c');
            kernels.dropout(behind, epsilon, dy);
        }
        Normalized normalized = requireKept(saved);
        backpropParameters(dy, normalized);
        INDArray du = gradient(workspaces, epsilon.shape());
        kernels.layerNormBackward(dy, weight(), normalized, du);
        Dropout before = inputMask;
        if (inputs.length == 2 && needsGradient(1)) {
            // Two arrays: DL4J adds other gradients into them in place.
            INDArray dx = gradient(workspaces, du.shape());
            if (before == null) {
                dx.assign(du);
            } else {
                kernels.dropout(before, du, dx);
            }
            return new INDArray[] {dx, du};
        }
        if (before != null) {
            kernels.dropout(before, du, du);
        }
        return inputs.length == 1 ? new INDArray[] {du} : new INDArray[] {du, null};
    }

    @Override
    public void clear() {
        super.clear();
        saved = null;
        inputMask = null;
        outputMask = null;
    }
}
