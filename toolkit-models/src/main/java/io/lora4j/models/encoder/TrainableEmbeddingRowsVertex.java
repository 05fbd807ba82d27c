package io.lora4j.models.encoder;

import static io.lora4j.models.encoder.TrainableEmbeddingRows.POSITION;
import static io.lora4j.models.encoder.TrainableEmbeddingRows.TYPE;
import static io.lora4j.models.encoder.TrainableEmbeddingRows.WORD;

import io.lora4j.kernel.EncoderKernels.EmbeddingTables;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Implementation of {@link TrainableEmbeddingRows}. */
final class TrainableEmbeddingRowsVertex extends EmbeddingRowsVertex {
    private static final long serialVersionUID = 1L;

    private final transient VertexParameters own;
    private final transient EmbeddingTables tables;
    private final boolean typed;
    private transient boolean filled;

    TrainableEmbeddingRowsVertex(
            ComputationGraph graph,
            String name,
            int index,
            DataType dataType,
            EmbeddingRows config,
            VertexParameters own) {
        super(graph, name, index, dataType, config, own);
        this.own = own;
        this.typed = config.getTypeVocabSize() > 0;
        this.tables = new EmbeddingTables(
                own.get(WORD),
                own.get(POSITION),
                typed ? own.get(TYPE) : noTypes().detach());
    }

    @Override
    EmbeddingTables tables() {
        if (!filled) {
            // One look is enough to tell a network without weights from one that diverged: that would have been noticed
            // before.
            if (Double.isNaN(tables.word().getDouble(0, 0))) {
                throw new IllegalStateException("vertex " + getVertexName()
                        + " holds no weights: call TrainableWeights.copyInto(network, weights) after init()");
            }
            filled = true;
        }
        return tables;
    }

    @Override
    void backpropParameters(Tokens tokens, INDArray epsilon) {
        EmbeddingTables gradients = new EmbeddingTables(
                own.gradientOf(WORD), own.gradientOf(POSITION), typed ? own.gradientOf(TYPE) : noTypes());
        kernels.embedBackward(epsilon, tokens.words(), tokens.positions(), tokens.types(), gradients);
    }
}
