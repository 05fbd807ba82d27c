package io.lora4j.kernel.vector;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Java arrays for some heads of one sequence, and the copies between them and packed rows. A head's columns begin at a multiple of a
 * vector's floats. Belongs to one thread.
 */
final class HeadScratch {
    /** S^T and P^T of one head, [keys, width], the width that of its queries in whole vectors. */
    float[] scores = {};
    /** P^T times the mask, or the gradient of S^T: [keys, width]. */
    float[] gradients = {};
    /** Rows of one operand turned, [size, width]. */
    float[] turned = {};
    /** Of every query the greatest score, [width]. */
    float[] greatest = {};
    /** Of every query 1 / the sum of its exponentials, [width]. */
    float[] inverse = {};
    /** Rows of operands and results, [length, heads x step]. */
    float[][] blocks = new float[7][0];

    final DropoutKernel dropout = new DropoutKernel();

    /** Makes room for a sequence; what is in the arrays is lost. */
    void reserve(int queries, int keys, int size, int rowWidth, int blockCount) {
        int width = Lanes.padded(queries);
        int scoreRows = HeadGemm.rows(keys);
        scores = atLeast(scores, scoreRows * width);
        gradients = atLeast(gradients, scoreRows * width);
        turned = atLeast(turned, size * width);
        greatest = atLeast(greatest, width);
        inverse = atLeast(inverse, width);
        int rows = HeadGemm.rows(Math.max(queries, keys));
        for (int i = 0; i < blockCount; i++) {
            blocks[i] = atLeast(blocks[i], rows * rowWidth);
        }
    }

    private static float[] atLeast(float[] array, int length) {
        return array.length < length ? new float[length] : array;
    }

    /**
     * Copies the columns of some heads into a block.
     *
     * @param first place of the first row's first wanted column
     * @param columns of a packed row
     * @param size columns of a head
     * @param step columns of a head in the block, of which those behind the size become 0
     */
    static void read(FloatBuffer rows, int first, int columns, int length, int heads, int size, int step, float[] to) {
        if (size == step && heads * size == columns) {
            rows.get(first, to, 0, length * columns);
            return;
        }
        for (int i = 0; i < length; i++) {
            for (int head = 0; head < heads; head++) {
                int at = (i * heads + head) * step;
                rows.get(first + i * columns + head * size, to, at, size);
                Arrays.fill(to, at + size, at + step, 0f);
            }
        }
    }

    /** The reverse of {@link #read}. */
    static void write(
            float[] from, FloatBuffer rows, int first, int columns, int length, int heads, int size, int step) {
        if (size == step && heads * size == columns) {
            rows.put(first, from, 0, length * columns);
            return;
        }
        for (int i = 0; i < length; i++) {
            for (int head = 0; head < heads; head++) {
                rows.put(first + i * columns + head * size, from, (i * heads + head) * step, size);
            }
        }
    }

    /** turned[k, i] = scale block[i, at + k], 0 behind the length. */
    void turn(float[] block, int at, int rowWidth, int length, int size, float scale) {
        int width = Lanes.padded(length);
        for (int k = 0; k < size; k++) {
            int to = k * width;
            int from = at + k;
            for (int i = 0; i < length; i++, from += rowWidth) {
                turned[to + i] = scale * block[from];
            }
            Arrays.fill(turned, to + length, to + width, 0f);
        }
    }
}
