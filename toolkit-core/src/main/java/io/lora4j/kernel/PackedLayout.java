package io.lora4j.kernel;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where the sequences of a batch stand in packed rows.
 *
 * <p>B sequences of lengths n_0 ... n_{B-1} are packed into N = sum n_b rows: sequence b holds the rows offset(b) to offset(b) +
 * n_b - 1, its tokens in order, and no row is padding. Kernels that need a rectangle use "padded" rows [B * T], T the greatest
 * length, sequence b at b * T; when all sequences are equally long ({@link #isUniform()}) packed and padded rows are the same.
 *
 * <p>Immutable and thread-safe; arrays that are returned are new and belong to the caller.
 */
public final class PackedLayout {
    private final int[] lengths;
    private final int[] offsets;
    private final int rows;
    private final int maxLength;

    private PackedLayout(int[] lengths) {
        this.lengths = lengths;
        this.offsets = new int[lengths.length];
        int next = 0;
        int longest = 0;
        for (int b = 0; b < lengths.length; b++) {
            offsets[b] = next;
            next += lengths[b];
            longest = Math.max(longest, lengths[b]);
        }
        this.rows = next;
        this.maxLength = longest;
    }

    /**
     * A layout of given lengths.
     *
     * @param lengths tokens per sequence, each at least 1, at least one sequence; copied
     * @return the layout
     * @throws IllegalArgumentException if there is no sequence or one of length 0 or less
     */
    public static PackedLayout ofLengths(int... lengths) {
        if (lengths.length == 0) {
            throw new IllegalArgumentException("a batch needs at least one sequence");
        }
        for (int b = 0; b < lengths.length; b++) {
            if (lengths[b] < 1) {
                throw new IllegalArgumentException("sequence " + b + " has no tokens (length " + lengths[b] + ")");
            }
        }
        return new PackedLayout(lengths.clone());
    }

    /**
     * Reads the layout array that is a graph's first input.
     *
     * @param layout [B, T] of any numeric type, 1 for a token and 0 for padding, the tokens of a sequence first
     * @return the layout
     * @throws IllegalArgumentException if a value is neither 0 nor 1, a token follows padding, or a sequence has no token
     */
    public static PackedLayout of(INDArray layout) {
        int[] marks = ints(layout, "layout");
        int sequences = (int) layout.size(0);
        int width = (int) layout.size(1);
        int[] lengths = new int[sequences];
        for (int b = 0; b < sequences; b++) {
            lengths[b] = lengthOf(marks, b, width);
        }
        return ofLengths(lengths);
    }

    private static int lengthOf(int[] marks, int sequence, int width) {
        int length = 0;
        for (int t = 0; t < width; t++) {
            int mark = marks[sequence * width + t];
            if (mark != 0 && mark != 1) {
                throw new IllegalArgumentException("layout of sequence " + sequence + " holds " + mark + " at position "
                        + t + "; it must be 1 for a token, 0 for padding");
            }
            if (mark == 1 && length < t) {
                throw new IllegalArgumentException("layout of sequence " + sequence + " has a token at position " + t
                        + " after padding; tokens must come first");
            }
            length += mark;
        }
        return length;
    }

    private static int[] ints(INDArray array, String what) {
        if (array.rank() != 2) {
            throw new IllegalArgumentException(
                    what + " must have the shape [B, T], got " + Arrays.toString(array.shape()));
        }
        // A copy, because a view's buffer begins elsewhere and may have gaps.
        return array.dup('c').data().asInt();
    }

    /**
     * Number of sequences.
     *
     * @return B, at least 1
     */
    public int sequences() {
        return lengths.length;
    }

    /**
     * Number of packed rows.
     *
     * @return N, the sum of all lengths
     */
    public int rows() {
        return rows;
    }

    /**
     * Length of the longest sequence.
     *
     * @return T, at least 1
     */
    public int maxLength() {
        return maxLength;
    }

    /**
     * Length of a sequence.
     *
     * @param sequence 0 to B - 1
     * @return its number of tokens, at least 1
     */
    public int length(int sequence) {
        return lengths[sequence];
    }

    /**
     * First row of a sequence.
     *
     * @param sequence 0 to B - 1
     * @return the packed row of its first token
     */
    public int offset(int sequence) {
        return offsets[sequence];
    }

    /**
     * Whether all sequences are equally long, so that padded rows equal packed rows.
     *
     * @return true if N = B T
     */
    public boolean isUniform() {
        return rows == lengths.length * maxLength;
    }

    /**
     * The first packed row of every sequence.
     *
     * @return [B]
     */
    public int[] firstRows() {
        return offsets.clone();
    }

    /**
     * The position of every packed row in its sequence.
     *
     * @return [N], counted from 0
     */
    public int[] positions() {
        int[] positions = new int[rows];
        for (int b = 0; b < lengths.length; b++) {
            for (int t = 0; t < lengths[b]; t++) {
                positions[offsets[b] + t] = t;
            }
        }
        return positions;
    }

    /**
     * The sequence of every packed row.
     *
     * @return [N], values 0 to B - 1
     */
    public int[] sequenceOfRows() {
        int[] owners = new int[rows];
        for (int b = 0; b < lengths.length; b++) {
            Arrays.fill(owners, offsets[b], offsets[b] + lengths[b], b);
        }
        return owners;
    }

    /**
     * For a gather from packed to padded rows.
     *
     * @return [B * T]: the packed row of every padded row; padding names the sequence's first row, so that whatever is computed on
     *     it stays finite
     */
    public int[] packedRowOfPadded() {
        int[] source = new int[lengths.length * maxLength];
        for (int b = 0; b < lengths.length; b++) {
            for (int t = 0; t < maxLength; t++) {
                source[b * maxLength + t] = offsets[b] + (t < lengths[b] ? t : 0);
            }
        }
        return source;
    }

    /**
     * For a gather from padded back to packed rows.
     *
     * @return [N]: the padded row of every packed row
     */
    public int[] paddedRowOfPacked() {
        int[] source = new int[rows];
        for (int b = 0; b < lengths.length; b++) {
            for (int t = 0; t < lengths[b]; t++) {
                source[offsets[b] + t] = b * maxLength + t;
            }
        }
        return source;
    }

    /**
     * Which padded rows are tokens.
     *
     * @param token the value of a token's row
     * @param padding the value of a padded row
     * @return [B * T]
     */
    public double[] paddedMask(double token, double padding) {
        double[] mask = new double[lengths.length * maxLength];
        for (int b = 0; b < lengths.length; b++) {
            int start = b * maxLength;
            Arrays.fill(mask, start, start + lengths[b], token);
            Arrays.fill(mask, start + lengths[b], start + maxLength, padding);
        }
        return mask;
    }

    /**
     * Takes the values of the real tokens out of a padded array of whole numbers, such as token ids.
     *
     * @param values [B, T'] of any numeric type, T' at least the greatest length
     * @param what name of the values, for messages
     * @return [N], in row order
     * @throws IllegalArgumentException if the shape does not fit
     */
    public int[] pack(INDArray values, String what) {
        int[] all = ints(values, what);
        int width = (int) values.size(1);
        if (values.size(0) != lengths.length || width < maxLength) {
            throw new IllegalArgumentException(what + " has the shape " + Arrays.toString(values.shape())
                    + ", the layout holds " + lengths.length + " sequences of up to " + maxLength + " tokens");
        }
        int[] packed = new int[rows];
        for (int b = 0; b < lengths.length; b++) {
            System.arraycopy(all, b * width, packed, offsets[b], lengths[b]);
        }
        return packed;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PackedLayout that && Arrays.equals(lengths, that.lengths);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(lengths);
    }

    @Override
    public String toString() {
        return "PackedLayout" + Arrays.toString(lengths);
    }
}
