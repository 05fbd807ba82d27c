package io.lora4j.models.encoder;

import io.lora4j.kernel.Dropout;
import io.lora4j.kernel.EncoderKernels;
import io.lora4j.kernel.EncoderKernels.Attention;
import io.lora4j.kernel.PackedLayout;
import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Implementation of {@link SelfAttention}. */
final class SelfAttentionVertex extends EncoderVertex {
    private static final long serialVersionUID = 1L;

    private final SelfAttention config;
    private transient @Nullable Attention input;
    private transient @Nullable INDArray statistics;

    SelfAttentionVertex(ComputationGraph graph, String name, int index, DataType dataType, SelfAttention config) {
        super(graph, name, index, dataType);
        this.config = config;
    }

    @Override
    INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        PackedLayout layout = PackedLayout.of(inputs[3]);
        PackedLayout queries = config.isFirstQueriesOnly() ? onePer(layout) : layout;
        Dropout mask = dropout(config.getDropout(), training);
        Attention operands = new Attention(inputs[0], inputs[1], inputs[2], queries, layout, config.getHeads(), mask);
        INDArray numbers = kept(training, workspaces, EncoderKernels.statisticsShape(queries, config.getHeads()));
        INDArray out = activation(workspaces, inputs[0].shape());
        kernels.attention(operands, out, numbers);
        if (training) {
            input = operands;
            statistics = numbers;
        }
        return out;
    }

    /** One row per sequence. */
    private static PackedLayout onePer(PackedLayout layout) {
        int[] lengths = new int[layout.sequences()];
        Arrays.fill(lengths, 1);
        return PackedLayout.ofLengths(lengths);
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dQuery = gradient(workspaces, epsilon.shape());
        Attention operands = requireKept(input);
        INDArray dKey = gradient(workspaces, operands.key().shape());
        INDArray dValue = gradient(workspaces, operands.value().shape());
        kernels.attentionBackward(operands, requireKept(statistics), epsilon, dQuery, dKey, dValue);
        return new INDArray[] {dQuery, dKey, dValue, null};
    }

    @Override
    public void clear() {
        super.clear();
        input = null;
        statistics = null;
    }
}
