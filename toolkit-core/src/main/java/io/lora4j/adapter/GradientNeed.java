package io.lora4j.adapter;

/**
 * A layer or vertex that can leave out gradients nobody reads: {@link AdaptedModel} tells which ones.
 *
 * <p>Until it is told anything, everything is needed.
 */
public interface GradientNeed {
    /**
     * Says which inputs' gradients somebody reads.
     *
     * @param inputs one flag per input of the vertex; for an input with false the backward pass gives null in place of a gradient, and a vertex
     *     whose inputs are all inputs of the graph, or false, and that trains nothing gets null itself
     */
    void setNeededInputs(boolean... inputs);
}
