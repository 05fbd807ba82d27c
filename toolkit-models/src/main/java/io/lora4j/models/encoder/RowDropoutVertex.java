package io.lora4j.models.encoder;

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
    private transient @Nullable INDArray mask;

    RowDropoutVertex(ComputationGraph graph, String name, int index, DataType dataType, double dropout) {
        super(graph, name, index, dataType);
        this.dropout = dropout;
    }

    @Override
    INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        mask = dropoutMask(dropout, training, workspaces, inputs[0].shape());
        INDArray out = workspaces.dup(ArrayType.ACTIVATIONS, inputs[0], 'c');
        return mask == null ? out : out.muli(mask);
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dx = workspaces.dup(ArrayType.ACTIVATION_GRAD, epsilon, 'c');
        return new INDArray[] {mask == null ? dx : dx.muli(mask)};
    }

    @Override
    public void clear() {
        super.clear();
        mask = null;
    }
}
