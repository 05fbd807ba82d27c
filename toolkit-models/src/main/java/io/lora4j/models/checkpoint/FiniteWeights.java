package io.lora4j.models.checkpoint;

import io.lora4j.error.FormatException;
import java.nio.file.Path;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Demands that weights are numbers: a NaN or an infinity in one of them makes every output NaN, far from its cause. */
final class FiniteWeights {
    private FiniteWeights() {}

    /**
     * Checks an array that was read from a file.
     *
     * <p>A NaN or an infinity makes the sum one too, so one pass over the memory settles the usual case; only then is the culprit looked
     * for (a sum may also be infinite by overflow alone).
     *
     * @throws FormatException at the first value that is no number, with its byte offset
     */
    static void check(Path file, TensorInfo info, INDArray array) {
        if (array.isEmpty() || !array.dataType().isFPType()) {
            return;
        }
        double sum = array.sumNumber().doubleValue();
        if (Double.isFinite(sum)) {
            return;
        }
        INDArray flat = array.ravel();
        for (long i = 0; i < flat.length(); i++) {
            double value = flat.getDouble(i);
            if (!Double.isFinite(value)) {
                throw new FormatException(
                        file,
                        info.offset() + i * info.type().bytes(),
                        "tensor '" + info.name() + "' holds " + value + " at element " + i
                                + "; weights must be finite numbers, this file is damaged or from a diverged training");
            }
        }
    }
}
