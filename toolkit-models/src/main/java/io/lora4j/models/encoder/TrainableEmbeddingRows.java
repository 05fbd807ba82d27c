package io.lora4j.models.encoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * {@link EmbeddingRows} whose tables are trained: same inputs, same output; the tables are DL4J parameters {@code word} [V, H], {@code
 * position} [P, H] and, with S > 0, {@code type} [S, H].
 *
 * <p>DL4J's gradient is dense: the word table's has all V rows, of which a batch touches only those of its own tokens; the others are
 * zero. The updater's state has their size too, and a parameter whose gradient is zero still moves by its momentum, as with
 * {@code torch.nn.Embedding(sparse=False)}.
 */
public final class TrainableEmbeddingRows extends TrainableVertexConfig {
    private static final long serialVersionUID = 1L;

    static final String WORD = "word";
    static final String POSITION = "position";
    static final String TYPE = "type";

    private final EmbeddingRows rows;

    /**
     * @param rows the sizes
     */
    public TrainableEmbeddingRows(@JsonProperty("rows") EmbeddingRows rows) {
        this.rows = Objects.requireNonNull(rows, "rows");
    }

    /**
     * The sizes.
     *
     * @return the frozen form
     */
    public EmbeddingRows getRows() {
        return rows;
    }

    @Override
    List<VertexParameter> parameters() {
        long h = rows.getHiddenSize();
        List<VertexParameter> all = new ArrayList<>();
        all.add(VertexParameter.matrix(WORD, EmbeddingRows.WORD_TENSOR, rows.getVocabSize(), h));
        all.add(VertexParameter.matrix(POSITION, EmbeddingRows.POSITION_TENSOR, rows.getPositionRows(), h));
        if (rows.getTypeVocabSize() > 0) {
            all.add(VertexParameter.matrix(TYPE, EmbeddingRows.TYPE_TENSOR, rows.getTypeVocabSize(), h));
        }
        return all;
    }

    @Override
    TrainableVertexConfig fresh() {
        return new TrainableEmbeddingRows(rows);
    }

    @Override
    public int minVertexInputs() {
        return rows.minVertexInputs();
    }

    @Override
    public int maxVertexInputs() {
        return rows.maxVertexInputs();
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType... vertexInputs) {
        return rows.getOutputType(layerIndex, vertexInputs);
    }

    @Override
    public GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int idx,
            INDArray paramsView,
            boolean initializeParams,
            DataType networkDatatype) {
        VertexParameters parameters = new VertexParameters(name, this, paramsView, initializeParams);
        return new TrainableEmbeddingRowsVertex(graph, name, idx, networkDatatype, rows, parameters);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TrainableEmbeddingRows that && rows.equals(that.rows) && sameOptimizer(that);
    }

    @Override
    public int hashCode() {
        return rows.hashCode();
    }
}
