package io.lora4j.adapter;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.jspecify.annotations.Nullable;

/**
 * Which gradients of a graph nobody reads: those that lead into vertices without anything to train below, such as embeddings.
 *
 * <p>Only vertices that are {@link GradientNeed}s themselves can go without: DL4J's own, and every layer, refuse a backward pass without a
 * gradient. All who would write such a gradient must leave it out together, because DL4J adds them up; and a vertex of several inputs
 * can leave out its last one only, not counting inputs of the graph, because DL4J miscounts the gradients behind a missing one.
 */
final class NeededGradients {
    private final GraphVertex[] vertices;
    private final boolean[] needed;

    private NeededGradients(GraphVertex[] vertices) {
        this.vertices = vertices;
        this.needed = new boolean[vertices.length];
    }

    /** Tells every vertex of an initialised graph that can leave something out. */
    static void tell(ComputationGraph graph) {
        NeededGradients gradients = new NeededGradients(graph.getVertices());
        for (int index : graph.topologicalSortOrder()) {
            gradients.needed[index] = gradients.isNeeded(gradients.vertices[index]);
        }
        for (GraphVertex vertex : graph.getVertices()) {
            GradientNeed aware = aware(vertex);
            if (aware != null) {
                aware.setNeededInputs(gradients.inputsOf(vertex));
            }
        }
    }

    private boolean isNeeded(GraphVertex vertex) {
        if (!(vertex instanceof GradientNeed) || !vertex.paramTable(false).isEmpty()) {
            return true;
        }
        for (VertexIndices input : inputs(vertex)) {
            GraphVertex below = vertices[input.getVertexIndex()];
            if (!below.isInputVertex() && needed[below.getVertexIndex()]) {
                return true;
            }
        }
        for (GraphVertex reader : vertices) {
            if (readsOtherwise(reader, vertex.getVertexIndex())) {
                return true;
            }
        }
        return false;
    }

    /** Whether a vertex has another as input and cannot leave its gradient out. */
    private boolean readsOtherwise(GraphVertex reader, int index) {
        VertexIndices[] inputs = inputs(reader);
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i].getVertexIndex() == index && (aware(reader) == null || !isLast(inputs, i))) {
                return true;
            }
        }
        return false;
    }

    /** Whether no input behind it gets a gradient. */
    private boolean isLast(VertexIndices[] inputs, int place) {
        for (int i = place + 1; i < inputs.length; i++) {
            if (!vertices[inputs[i].getVertexIndex()].isInputVertex()) {
                return false;
            }
        }
        return true;
    }

    private boolean[] inputsOf(GraphVertex vertex) {
        VertexIndices[] from = inputs(vertex);
        boolean[] flags = new boolean[from.length];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = needed[from[i].getVertexIndex()];
        }
        return flags;
    }

    private static @Nullable GradientNeed aware(GraphVertex vertex) {
        if (vertex instanceof GradientNeed aware) {
            return aware;
        }
        return vertex.hasLayer() && vertex.getLayer() instanceof GradientNeed aware ? aware : null;
    }

    private static VertexIndices[] inputs(GraphVertex vertex) {
        VertexIndices[] inputs = vertex.getInputVertices();
        return inputs == null ? new VertexIndices[0] : inputs;
    }
}
