package io.lora4j.models.encoder;

import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * An activation function of every value of one input (see {@link HiddenActivation}); output of its shape. GELU with the error function is
 * {@link io.lora4j.kernel.EncoderKernels#gelu}.
 */
public final class RowActivation extends EncoderVertexConfig {
    private static final long serialVersionUID = 1L;

    private final HiddenActivation function;

    /**
     * @param function what is computed
     */
    public RowActivation(@JsonProperty("function") HiddenActivation function) {
        this.function = Objects.requireNonNull(function, "function");
    }

    /**
     * What is computed.
     *
     * @return the function
     */
    public HiddenActivation getFunction() {
        return function;
    }

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
        return new RowActivationVertex(graph, name, idx, networkDatatype, function);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RowActivation that && function == that.function;
    }

    @Override
    public int hashCode() {
        return function.name().hashCode();
    }
}
