package io.lora4j.models.encoder;

import io.lora4j.kernel.Dropout;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Implementation of {@link RowDropout}. */
final class RowDropoutVertex extends EncoderVertex {
    private static final long serialVersionUID = 1L;

    private final double dropout;
    private transient @Nullable Dropout mask;

    RowDropoutVertex(ComputationGraph graph, String name, int index, DataType dataType, double dropout) {
        super(graph, name, index, dataType);
        this.dropout = dropout;
    }

    @Override
    INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        Dropout drawn = dropout(dropout, training);
        mask = drawn;
        INDArray out = workspaces.dup(ArrayType.ACTIVATIONS, inputs[0], 'c');
        if (drawn != null) {
            kernels.dropout(drawn, out, out);
        }
        return out;
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dx = workspaces.dup(ArrayType.ACTIVATION_GRAD, epsilon, 'c');
        Dropout drawn = mask;
        if (drawn != null) {
            kernels.dropout(drawn, dx, dx);
        }
        return new INDArray[] {dx};
    }

    @Override
    public void clear() {
        super.clear();
        mask = null;
    }
}
