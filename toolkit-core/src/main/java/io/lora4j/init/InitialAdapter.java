package io.lora4j.init;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The factors an initialiser chose for one layer.
 *
 * @param a A, [in, r]
 * @param b B, [r, out]
 * @param weightShift what is to be added to the frozen weight, [in, out] (for example -s A B, so that the layer's output is
 *     unchanged), an array of its own that is taken over and freed; null if the frozen weight stays as it is
 * @param report what was done, for the run's report
 */
public record InitialAdapter(
        INDArray a, INDArray b, @Nullable INDArray weightShift, LayerInitReport report) {}
