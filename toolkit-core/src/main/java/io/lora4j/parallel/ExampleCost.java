package io.lora4j.parallel;

import io.lora4j.kernel.PackedLayout;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the examples of a batch cost, so that it can be cut into parts that take equally long. */
@FunctionalInterface
public interface ExampleCost {
    /** Every example costs the same. */
    ExampleCost EQUAL = features -> {
        int[] ones = new int[(int) features[0].size(0)];
        Arrays.fill(ones, 1);
        return ones;
    };

    /** An example costs its tokens: the first input is a layout [B, T] as {@link PackedLayout#of} reads it. */
    ExampleCost TOKENS = features -> {
        PackedLayout layout = PackedLayout.of(features[0]);
        int[] lengths = new int[layout.sequences()];
        Arrays.setAll(lengths, layout::length);
        return lengths;
    };

    /**
     * The cost of every example; a pure function.
     *
     * @param features the inputs of a graph, the examples along their first dimension; read only
     * @return one positive number per example, in any unit
     */
    int[] of(INDArray[] features);
}
