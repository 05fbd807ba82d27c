package io.lora4j.models.bert;

import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.FrozenWeightsHolder;
import io.lora4j.kernel.EncoderKernels.EmbeddingTables;
import io.lora4j.kernel.PackedLayout;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Implementation of {@link EmbeddingRows}. Its inputs are whole numbers, so it passes no gradient on. */
final class EmbeddingRowsVertex extends EncoderVertex implements FrozenWeightsHolder {
    private static final long serialVersionUID = 1L;

    private final EmbeddingRows config;
    private transient @Nullable EmbeddingTables tables;

    EmbeddingRowsVertex(ComputationGraph graph, String name, int index, DataType dataType, EmbeddingRows config) {
        super(graph, name, index, dataType);
        this.config = config;
    }

    @Override
    public void bindFrozen(FrozenWeights weights) {
        long h = config.getHiddenSize();
        tables = new EmbeddingTables(
                frozen(weights, "word_embeddings.weight", config.getVocabSize(), h),
                frozen(weights, "position_embeddings.weight", config.getMaxPositions(), h),
                frozen(weights, "token_type_embeddings.weight", config.getTypeVocabSize(), h));
    }

    @Override
    INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        EmbeddingTables bound = requireBound(tables);
        PackedLayout layout = PackedLayout.of(inputs[2]);
        if (layout.maxLength() > config.getMaxPositions()) {
            throw new IllegalArgumentException("a sequence has " + layout.maxLength() + " tokens, but vertex "
                    + getVertexName() + " has " + config.getMaxPositions() + " positions: truncate to that length");
        }
        INDArray out = activation(workspaces, layout.rows(), config.getHiddenSize());
        kernels.embed(
                bound,
                layout.pack(inputs[0], "input_ids"),
                layout.positions(),
                layout.pack(inputs[1], "token_type_ids"),
                out);
        return out;
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        return new INDArray[3];
    }
}
