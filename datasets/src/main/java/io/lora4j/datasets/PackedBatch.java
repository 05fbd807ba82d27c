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
 * and the label is one-hot, [B, classes] of the network's data type, or the score, [B, 1]. The graph computes on the real tokens only ("packed
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
     * @param outputs what the network has of them: the number of classes, at least 2; 1 for examples with scores ({@link TaskData#outputs})
     * @param dtype the network's data type
     * @return new arrays, owned by the caller
     * @throws IllegalArgumentException if there is no example or a label is not below {@code outputs}
     * @throws IllegalStateException if examples with classes are laid out for one output, or such with scores for several
     */
    public static MultiDataSet collate(List<EncodedExample> examples, int outputs, DataType dtype) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one example");
        }
        int rows = examples.size();
        int width = examples.stream().mapToInt(EncodedExample::length).max().orElseThrow();
        float[] layout = new float[rows * width];
        int[] ids = new int[rows * width];
        int[] types = new int[rows * width];
        for (int row = 0; row < rows; row++) {
            EncodedExample example = examples.get(row);
            System.arraycopy(example.ids(), 0, ids, row * width, example.length());
            System.arraycopy(example.typeIds(), 0, types, row * width, example.length());
            Arrays.fill(layout, row * width, row * width + example.length(), 1f);
        }
        INDArray[] features = {
            matrix(layout, rows, width, dtype),
            Nd4j.createFromArray(ids).reshape(rows, width),
            Nd4j.createFromArray(types).reshape(rows, width)
        };
        return new MultiDataSet(features, new INDArray[] {targets(examples, outputs, dtype)});
    }

    /**
     * What a network is to say about examples.
     *
     * @param examples one or more examples
     * @param outputs as in {@link #collate}
     * @param dtype the data type of the result
     * @return a new array: one-hot rows [B, outputs], or scores [B, 1]
     * @throws IllegalArgumentException if a label is not below {@code outputs}
     * @throws IllegalStateException as {@link #collate}
     */
    public static INDArray targets(List<EncodedExample> examples, int outputs, DataType dtype) {
        double[] values = new double[examples.size() * outputs];
        for (int row = 0; row < examples.size(); row++) {
            Target target = examples.get(row).target();
            if (outputs == 1) {
                values[row] = target.score();
            } else if (target.label() < outputs) {
                values[row * outputs + target.label()] = 1;
            } else {
                throw new IllegalArgumentException(
                        "label " + target.label() + " of a task with " + outputs + " labels");
            }
        }
        return Nd4j.createFromArray(values).reshape(examples.size(), outputs).castTo(dtype);
    }

    /** Zeros and ones are exact in every floating-point type, so the way through float loses nothing. */
    private static INDArray matrix(float[] values, int rows, int columns, DataType dtype) {
        INDArray matrix = Nd4j.createFromArray(values).reshape(rows, columns);
        return dtype == DataType.FLOAT ? matrix : matrix.castTo(dtype);
    }
}
