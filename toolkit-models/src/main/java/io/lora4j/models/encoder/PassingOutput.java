package io.lora4j.models.encoder;

import io.lora4j.adapter.FrozenLinearLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Memory for outputs that one layer reads in the forward pass and nobody after it: all vertices of a graph that have such an output write it
 * to the same place, one after the other, instead of each into an array that DL4J holds until the backward pass.
 *
 * <p>Of a BERT layer's 16 H floats per token it is the 4 H of the activation's output, where the map behind it has no adapter (query and value
 * only, for example): without an adapter that map's backward pass is delta W^T and does not look at its input.
 *
 * <p>One object per graph, used by the thread that runs the graph. Not thread-safe.
 */
final class PassingOutput {
    private @Nullable INDArray memory;

    /** The only layer that reads a vertex's output, if it is one that may forget its input; else null. */
    static @Nullable FrozenLinearLayer reader(ComputationGraph graph, GraphVertex producer) {
        VertexIndices[] readers = producer.getOutputVertices();
        boolean isOutput = graph.getConfiguration().getNetworkOutputs().contains(producer.getVertexName());
        if (readers == null || readers.length != 1 || isOutput) {
            return null;
        }
        GraphVertex reader = graph.getVertices()[readers[0].getVertexIndex()];
        return reader.hasLayer() && reader.getLayer() instanceof FrozenLinearLayer layer ? layer : null;
    }

    /**
     * An array of this memory. It holds what is written until the next call, and keeps its shape.
     *
     * @return [rows, columns], row-major, in no workspace
     */
    @SuppressWarnings("try") // the scope is held, not used
    INDArray array(DataType dataType, long rows, long columns) {
        INDArray known = memory;
        if (known == null || known.length() < rows * columns) {
            try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                known = Nd4j.createUninitialized(dataType, rows * columns);
            }
            memory = known;
        }
        return known.get(NDArrayIndex.interval(0, rows * columns)).reshape('c', rows, columns);
    }
}
