package io.lora4j.models.encoder;

import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.FrozenWeightsHolder;
import io.lora4j.kernel.EncoderKernels.EmbeddingTables;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Implementation of {@link EmbeddingRows}. */
final class FrozenEmbeddingRowsVertex extends EmbeddingRowsVertex implements FrozenWeightsHolder {
    private static final long serialVersionUID = 1L;

    private final EmbeddingRows config;
    private transient @Nullable EmbeddingTables tables;

    FrozenEmbeddingRowsVertex(ComputationGraph graph, String name, int index, DataType dataType, EmbeddingRows config) {
        super(graph, name, index, dataType, config, null);
        this.config = config;
    }

    @Override
    public void bindFrozen(FrozenWeights weights) {
        long h = config.getHiddenSize();
        tables = new EmbeddingTables(
                frozen(weights, EmbeddingRows.WORD_TENSOR, config.getVocabSize(), h),
                frozen(weights, EmbeddingRows.POSITION_TENSOR, config.getPositionRows(), h),
                config.getTypeVocabSize() == 0
                        ? noTypes().detach()
                        : frozen(weights, EmbeddingRows.TYPE_TENSOR, config.getTypeVocabSize(), h));
    }

    @Override
    EmbeddingTables tables() {
        return requireBound(tables);
    }

    @Override
    void backpropParameters(Tokens tokens, INDArray epsilon) {}
}
