package io.lora4j.optim;

/** Sorts the trainable parameters of a network into groups. Implementations are pure functions. */
@FunctionalInterface
public interface ParameterGroups {
    /** Parameter name of the adapter's input-side factor A, [in, r]. */
    String LORA_A = "loraA";
    /** Parameter name of the adapter's output-side factor B, [r, out]. */
    String LORA_B = "loraB";

    /**
     * The group of one parameter.
     *
     * @param layer the layer's (vertex's) name
     * @param param the parameter's name in its layer, e.g. {@code loraA}, {@code loraB}, {@code W}, {@code b}
     * @param vector true for a bias or another parameter of one dimension
     * @return the group; equal for all members
     */
    ParamGroup groupOf(String layer, String param, boolean vector);
}
