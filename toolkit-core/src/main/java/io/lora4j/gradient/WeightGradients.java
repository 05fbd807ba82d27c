package io.lora4j.gradient;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The full-batch gradients of frozen weights: a sum over examples and the number of examples, per layer.
 *
 * <p>The loss is the mean over examples, so its gradient is sum / count: example-weighted, however the examples were cut into
 * chunks. Owns its arrays; treat them as read only.
 */
public final class WeightGradients {
    private final Map<String, Supplier<INDArray>> sums;
    private final long exampleCount;
    private final boolean onDisk;

    /**
     * @param sums layer name to the sum over examples of dL_i/dW, [in, out]; the arrays are taken over
     * @param exampleCount number of examples summed, at least 1
     */
    public WeightGradients(Map<String, INDArray> sums, long exampleCount) {
        this(exampleCount, held(sums), false);
    }

    private WeightGradients(long exampleCount, Map<String, Supplier<INDArray>> sums, boolean onDisk) {
        if (exampleCount < 1) {
            throw new IllegalArgumentException("no example was seen: " + exampleCount);
        }
        this.sums = Collections.unmodifiableMap(new LinkedHashMap<>(sums));
        this.exampleCount = exampleCount;
        this.onDisk = onDisk;
    }

    private static Map<String, Supplier<INDArray>> held(Map<String, INDArray> arrays) {
        Map<String, Supplier<INDArray>> suppliers = new LinkedHashMap<>();
        arrays.forEach((layer, sum) -> suppliers.put(layer, () -> sum));
        return suppliers;
    }

    /**
     * The same gradients in a file, for models whose gradients are larger than the memory that is left for training: {@link #mean} then
     * reads one layer's at a time.
     *
     * @param file written here, in the machine's own byte order; it must stay as long as the result is used, and is the caller's to
     *     delete
     * @return gradients that hold no array; those of this object are freed at once, and it must not be used again
     * @throws UncheckedIOException if the disk refuses
     */
    public WeightGradients movedTo(Path file) {
        WeightGradients moved = new WeightGradients(exampleCount, GradientFile.write(file, sums), true);
        // Not left to the garbage collector, which does not see how large they are.
        sums.values().forEach(sum -> free(sum.get()));
        return moved;
    }

    /**
     * The layers for which there is a gradient.
     *
     * @return an unmodifiable set
     */
    public Set<String> layers() {
        return sums.keySet();
    }

    /**
     * Number of examples behind every gradient.
     *
     * @return at least 1
     */
    public long exampleCount() {
        return exampleCount;
    }

    /**
     * G = dL/dW of the mean loss, with its plus sign.
     *
     * @param layer a layer's name
     * @return a new array, [in, out], in the data type of the accumulation, the caller's to change and to close
     * @throws IllegalArgumentException if there is no gradient of that layer
     */
    public INDArray mean(String layer) {
        INDArray array = sum(layer);
        return onDisk ? array.divi(exampleCount) : array.div(exampleCount);
    }

    /**
     * The sum over examples of dL_i/dW, from which the same gradients can be made again.
     *
     * @param layer a layer's name
     * @return [in, out], in the data type of the accumulation, column-major; to be read only
     * @throws IllegalArgumentException if there is no gradient of that layer
     */
    public INDArray sum(String layer) {
        Supplier<INDArray> sum = sums.get(layer);
        if (sum == null) {
            throw new IllegalArgumentException("no gradient of layer " + layer + "; there are: " + sums.keySet());
        }
        return sum.get();
    }

    private static void free(INDArray array) {
        if (array.closeable()) {
            array.close();
        }
    }
}
