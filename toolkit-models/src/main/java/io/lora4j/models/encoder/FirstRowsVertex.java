package io.lora4j.models.encoder;

import io.lora4j.kernel.EncoderKernels;
import io.lora4j.kernel.PackedLayout;
import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Implementation of {@link FirstRows}. */
final class FirstRowsVertex extends EncoderVertex {
    private static final long serialVersionUID = 1L;

    private transient @Nullable PackedLayout layout;

    FirstRowsVertex(ComputationGraph graph, String name, int index, DataType dataType) {
        super(graph, name, index, dataType);
    }

    @Override
    INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        PackedLayout read = PackedLayout.of(inputs[1]);
        layout = read;
        INDArray out = activation(workspaces, read.sequences(), inputs[0].size(1));
        kernels.gatherRows(inputs[0], read.firstRows(), out);
        return out;
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        PackedLayout read = requireKept(layout);
        INDArray dRows = gradient(workspaces, read.rows(), epsilon.size(1));
        scatter(kernels, read, epsilon, dRows);
        return new INDArray[] {dRows, null};
    }

    /** dRows[offset(b)] = first[b], 0 in all other rows. */
    static void scatter(EncoderKernels kernels, PackedLayout layout, INDArray first, INDArray dRows) {
        // One more row, of zeros, for all tokens but the first.
        INDArray source = Nd4j.create(first.dataType(), new long[] {first.size(0) + 1, first.size(1)}, 'c');
        source.get(NDArrayIndex.interval(0, first.size(0)), NDArrayIndex.all()).assign(first);
        int[] owner = new int[layout.rows()];
        Arrays.fill(owner, layout.sequences());
        for (int b = 0; b < layout.sequences(); b++) {
            owner[layout.offset(b)] = b;
        }
        kernels.gatherRows(source, owner, dRows);
    }

    @Override
    public void clear() {
        super.clear();
        layout = null;
    }
}
