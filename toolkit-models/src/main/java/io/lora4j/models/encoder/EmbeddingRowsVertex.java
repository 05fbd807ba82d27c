package io.lora4j.models.encoder;

import io.lora4j.adapter.ReleasedOutput;
import io.lora4j.kernel.EncoderKernels.EmbeddingTables;
import io.lora4j.kernel.PackedLayout;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Embeddings, frozen or trainable. Its inputs are whole numbers, so it passes no gradient on. */
abstract class EmbeddingRowsVertex extends EncoderVertex implements ReleasedOutput {
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
        if (layout.maxLength() > config.longest()) {
            throw new IllegalArgumentException("a sequence has " + layout.maxLength() + " tokens, but vertex "
                    + getVertexName() + " has " + config.longest() + " positions: truncate to that length");
        }
        INDArray out = activation(workspaces, layout.rows(), config.getHiddenSize());
        int[] words = layout.pack(inputs[0], "input_ids");
        int[] types = config.isOneType() ? new int[words.length] : layout.pack(inputs[1], "token_type_ids");
        Tokens tokens = new Tokens(words, positions(layout, words), types);
        kernels.embed(tables, tokens.words(), tokens.positions(), tokens.types(), out);
        kept = training ? tokens : null;
        return out;
    }

    /** Row of the position table for every token; see {@link EmbeddingRows}. */
    private int[] positions(PackedLayout layout, int[] words) {
        int pad = config.getPadTokenId();
        if (pad == EmbeddingRows.FROM_ZERO) {
            return layout.positions();
        }
        int[] positions = new int[words.length];
        for (int b = 0; b < layout.sequences(); b++) {
            int next = pad + 1;
            for (int i = layout.offset(b); i < layout.offset(b) + layout.length(b); i++) {
                positions[i] = words[i] == pad ? pad : next++;
            }
        }
        return positions;
    }

    /** What stands for the table of token types where there is none: a row of zeros, or nothing that a gradient is read from. */
    final INDArray noTypes() {
        return Nd4j.zeros(dataType, 1, config.getHiddenSize());
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
