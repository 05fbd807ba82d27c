package io.lora4j.models.encoder;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The first row of every sequence, out[b] = rows[offset(b)]: what a classifier of the first token reads of its last layer. Inputs rows [N, H]
 * and {@code layout} [B, T], which must come last; output rows [B, H].
 */
public final class FirstRows extends EncoderVertexConfig {
    private static final long serialVersionUID = 1L;

    /** There is nothing to choose. */
    public FirstRows() {}

    @Override
    public int minVertexInputs() {
        return 2;
    }

    @Override
    public int maxVertexInputs() {
        return 2;
    }

    @Override
    public GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int idx,
            INDArray paramsView,
            boolean initializeParams,
            DataType networkDatatype) {
        return new FirstRowsVertex(graph, name, idx, networkDatatype);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FirstRows;
    }

    @Override
    public int hashCode() {
        return FirstRows.class.getName().hashCode();
    }
}
