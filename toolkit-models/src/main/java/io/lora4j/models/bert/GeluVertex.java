package io.lora4j.models.bert;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Implementation of {@link Gelu}; keeps the derivative, which costs less to store than to compute again. */
final class GeluVertex extends EncoderVertex {
    private static final long serialVersionUID = 1L;

    private transient @Nullable INDArray derivative;

    GeluVertex(ComputationGraph graph, String name, int index, DataType dataType) {
        super(graph, name, index, dataType);
    }

    @Override
    INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        long[] shape = inputs[0].shape();
        INDArray out = activation(workspaces, shape);
        derivative = training ? activation(workspaces, shape) : null;
        kernels.gelu(inputs[0], out, derivative);
        return out;
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dx = gradient(workspaces, epsilon.shape());
        kernels.geluBackward(epsilon, requireKept(derivative), dx);
        return new INDArray[] {dx};
    }

    @Override
    public void clear() {
        super.clear();
        derivative = null;
    }
}
