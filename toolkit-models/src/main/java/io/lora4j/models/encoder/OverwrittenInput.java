package io.lora4j.models.encoder;

import io.lora4j.adapter.ReleasedOutput;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/**
 * Whether a vertex may write what it keeps for the backward pass over its first input.
 *
 * <p>DL4J holds every vertex's output until the backward pass has gone by, needed or not: of a BERT layer's 22 H floats per token 6 H are
 * inputs of GELU and of the two layer normalisations, which nobody reads again. They hold the derivative and the normalised rows instead,
 * with the same numbers, if
 *
 * <ul>
 *   <li>the vertex is the only reader of the array, the array is no output of the graph, and who made it says that it is done with
 *       it ({@link ReleasedOutput}): all that follows from the graph's structure and is decided once;
 *   <li>nobody looks at single activations: no {@code TrainingListener} is set on the graph, and the array is in a workspace, which dies with
 *       the pass. {@code feedForward(true)} and {@code output} return activations outside workspaces: those stay whole.
 * </ul>
 */
final class OverwrittenInput {
    private OverwrittenInput() {}

    /** Whether a vertex is the only one who ever reads its first input. */
    static boolean hasOneReader(ComputationGraph graph, GraphVertex reader) {
        GraphVertex producer = graph.getVertices()[reader.getInputVertices()[0].getVertexIndex()];
        boolean released = producer.hasLayer()
                ? producer.getLayer() instanceof ReleasedOutput
                : producer instanceof ReleasedOutput;
        return released
                && producer.getNumOutputConnections() == 1
                && !graph.getConfiguration().getNetworkOutputs().contains(producer.getVertexName());
    }

    /** Whether an array dies with the pass, and is such as would be made new: row-major without gaps, of the network's data type. */
    static boolean isFree(INDArray x, DataType dataType) {
        return x.isAttached() && x.dataType() == dataType && x.ordering() == 'c' && Shape.hasDefaultStridesForShape(x);
    }
}
