package io.lora4j.models.encoder;

import io.lora4j.kernel.Dropout;
import io.lora4j.kernel.EncoderKernels;
import io.lora4j.kernel.EncoderKernels.Attention;
import io.lora4j.kernel.PackedLayout;
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
        Dropout mask = dropout(config.getDropout(), training);
        Attention operands = new Attention(inputs[0], inputs[1], inputs[2], layout, config.getHeads(), mask);
        INDArray numbers = kept(training, workspaces, EncoderKernels.statisticsShape(layout, config.getHeads()));
        INDArray out = activation(workspaces, inputs[0].shape());
        kernels.attention(operands, out, numbers);
        if (training) {
            input = operands;
            statistics = numbers;
        }
        return out;
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dQuery = gradient(workspaces, epsilon.shape());
        INDArray dKey = gradient(workspaces, epsilon.shape());
        INDArray dValue = gradient(workspaces, epsilon.shape());
        kernels.attentionBackward(requireKept(input), requireKept(statistics), epsilon, dQuery, dKey, dValue);
        return new INDArray[] {dQuery, dKey, dValue, null};
    }

    @Override
    public void clear() {
        super.clear();
        input = null;
        statistics = null;
    }
}
