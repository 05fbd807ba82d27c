package io.lora4j.datasets;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Lays examples out as the arrays an encoder graph takes.
 *
 * <p>With B examples of which the longest has T tokens, the features are, in this order:
 *
 * <ol>
 *   <li>{@code layout} [B, T] of the network's data type: 1 where a token stands, 0 where padding does; tokens come first. It
 *       is the first input because DL4J's updater divides by the rows of that one.
 *   <li>{@code input_ids} [B, T] INT32, 0 on padding
 *   <li>{@code token_type_ids} [B, T] INT32, 0 on padding
 * </ol>
 *
 * and the label is one-hot, [B, labels] of the network's data type. The graph computes on the real tokens only ("packed
 * rows"), so padding costs nothing but these three arrays.
 */
public final class PackedBatch {
    /** Position of the layout among the features. */
    public static final int LAYOUT = 0;
    /** Position of the token ids among the features. */
    public static final int INPUT_IDS = 1;
    /** Position of the token types among the features. */
    public static final int TOKEN_TYPE_IDS = 2;

    private PackedBatch() {}

    /**
     * Lays out a batch.
     *
     * @param examples one or more examples; row i of every array is example i
     * @param labels number of classes
     * @param dtype the network's data type
     * @return new arrays, owned by the caller
     * @throws IllegalArgumentException if there is no example or a label is not below {@code labels}
     */
    public static MultiDataSet collate(List<EncodedExample> examples, int labels, DataType dtype) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one example");
        }
        int rows = examples.size();
        int width = examples.stream().mapToInt(EncodedExample::length).max().orElseThrow();
        float[] layout = new float[rows * width];
        int[] ids = new int[rows * width];
        int[] types = new int[rows * width];
        float[] oneHot = new float[rows * labels];
        for (int row = 0; row < rows; row++) {
            EncodedExample example = examples.get(row);
            if (example.label() >= labels) {
                throw new IllegalArgumentException(
                        "label " + example.label() + " of a task with " + labels + " labels");
            }
            System.arraycopy(example.ids(), 0, ids, row * width, example.length());
            System.arraycopy(example.typeIds(), 0, types, row * width, example.length());
            Arrays.fill(layout, row * width, row * width + example.length(), 1f);
            oneHot[row * labels + example.label()] = 1f;
        }
        INDArray[] features = {
            matrix(layout, rows, width, dtype),
            Nd4j.createFromArray(ids).reshape(rows, width),
            Nd4j.createFromArray(types).reshape(rows, width)
        };
        return new MultiDataSet(features, new INDArray[] {matrix(oneHot, rows, labels, dtype)});
    }

    /** Zeros and ones are exact in every floating-point type, so the way through float loses nothing. */
    private static INDArray matrix(float[] values, int rows, int columns, DataType dtype) {
        INDArray matrix = Nd4j.createFromArray(values).reshape(rows, columns);
        return dtype == DataType.FLOAT ? matrix : matrix.castTo(dtype);
    }
}
