package io.lora4j.models.encoder;

import io.lora4j.kernel.PackedLayout;
import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Implementation of {@link SequencePooling}. */
final class SequencePoolingVertex extends EncoderVertex {
    private static final long serialVersionUID = 1L;

    private final Pooling pooling;
    private final boolean firstRowsOnly;
    private transient @Nullable PackedLayout layout;

    SequencePoolingVertex(ComputationGraph graph, String name, int index, DataType dataType, SequencePooling config) {
        super(graph, name, index, dataType);
        this.pooling = config.getPooling();
        this.firstRowsOnly = config.isFirstRowsOnly();
    }

    @Override
    INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        PackedLayout read = PackedLayout.of(inputs[1]);
        layout = read;
        INDArray rows = inputs[0];
        INDArray out = activation(workspaces, read.sequences(), rows.size(1));
        if (firstRowsOnly) {
            out.assign(rows);
            return out;
        }
        switch (pooling) {
            case CLS, FIRST_TOKEN -> kernels.gatherRows(rows, read.firstRows(), out);
            case MEAN -> kernels.meanRows(rows, read, out);
        }
        return out;
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        PackedLayout read = requireKept(layout);
        if (firstRowsOnly) {
            return new INDArray[] {gradient(workspaces, epsilon.shape()).assign(epsilon), null};
        }
        INDArray dRows = gradient(workspaces, read.rows(), epsilon.size(1));
        switch (pooling) {
            case CLS, FIRST_TOKEN -> FirstRowsVertex.scatter(kernels, read, epsilon, dRows);
            case MEAN -> {
                double[] share = new double[read.sequences()];
                Arrays.setAll(share, b -> 1.0 / read.length(b));
                INDArray perRow = epsilon.mulColumnVector(
                        Nd4j.createFromArray(share).castTo(dataType).reshape(share.length, 1));
                kernels.gatherRows(perRow, read.sequenceOfRows(), dRows);
            }
        }
        return new INDArray[] {dRows, null};
    }

    @Override
    public void clear() {
        super.clear();
        layout = null;
    }
}
