package io.lora4j.models.bert;

import io.lora4j.kernel.EncoderKernels.EmbeddingTables;
import io.lora4j.kernel.PackedLayout;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** BERT's embeddings, frozen or trainable. Its inputs are whole numbers, so it passes no gradient on. */
abstract class EmbeddingRowsVertex extends EncoderVertex {
    private static final long serialVersionUID = 1L;

    private final EmbeddingRows config;
    private transient @Nullable Tokens kept;

    /** Which table rows an output row is the sum of, [N] each. */
    @SuppressWarnings("ArrayRecordComponent") // a batch's index lists, never compared
    record Tokens(int[] words, int[] positions, int[] types) {}

    EmbeddingRowsVertex(
            ComputationGraph graph,
            String name,
            int index,
            DataType dataType,
            EmbeddingRows config,
            @Nullable VertexParameters parameters) {
        super(graph, name, index, dataType, parameters);
        this.config = config;
    }

    /** The tables to read. */
    abstract EmbeddingTables tables();

    /** Writes the gradients of the tables, if there are any to write. */
    abstract void backpropParameters(Tokens tokens, INDArray epsilon);

    @Override
    INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        EmbeddingTables tables = tables();
        PackedLayout layout = PackedLayout.of(inputs[2]);
        if (layout.maxLength() > config.getMaxPositions()) {
            throw new IllegalArgumentException("a sequence has " + layout.maxLength() + " tokens, but vertex "
                    + getVertexName() + " has " + config.getMaxPositions() + " positions: truncate to that length");
        }
        INDArray out = activation(workspaces, layout.rows(), config.getHiddenSize());
        Tokens tokens = new Tokens(
                layout.pack(inputs[0], "input_ids"), layout.positions(), layout.pack(inputs[1], "token_type_ids"));
        kernels.embed(tables, tokens.words(), tokens.positions(), tokens.types(), out);
        kept = training ? tokens : null;
        return out;
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        backpropParameters(requireKept(kept), epsilon);
        return new INDArray[3];
    }

    @Override
    public void clear() {
        super.clear();
        kept = null;
    }
}
