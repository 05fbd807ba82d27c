package io.lora4j.models.bert;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** GELU with the error function on rows (see {@link io.lora4j.kernel.EncoderKernels#gelu}); one input, output of its shape. */
public final class Gelu extends EncoderVertexConfig {
    private static final long serialVersionUID = 1L;

    @Override
    public int minVertexInputs() {
        return 1;
    }

    @Override
    public int maxVertexInputs() {
        return 1;
    }

    @Override
    public GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int idx,
            INDArray paramsView,
            boolean initializeParams,
            DataType networkDatatype) {
        return new GeluVertex(graph, name, idx, networkDatatype);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Gelu;
    }

    @Override
    public int hashCode() {
        return Gelu.class.hashCode();
    }
}
