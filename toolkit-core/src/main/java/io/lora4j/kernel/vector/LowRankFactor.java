package io.lora4j.kernel.vector;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A small matrix [count, width] in a Java array, row-major, its rows filled up with zeros to whole vectors. The array is the calling
 * thread's own and is used again by the next factor of that thread: a step makes hundreds of them.
 *
 * @param values [count, padded(width)], and perhaps more
 * @param count rows
 * @param width columns that count
 */
@SuppressWarnings("ArrayRecordComponent") // made for one call, never compared
record LowRankFactor(float[] values, int count, int width) {
    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[2][0]);
    private static final int VALUES = 0;
    private static final int MEMORY = 1;

    private static LowRankFactor of(int count, int width) {
        int length = count * Lanes.padded(width);
        float[] values = scratch(VALUES, length);
        Arrays.fill(values, 0, length, 0f);
        return new LowRankFactor(values, count, width);
    }

    private static float[] scratch(int which, int length) {
        float[][] own = SCRATCH.get();
        if (own[which].length < length) {
            own[which] = new float[length];
        }
        return own[which];
    }

    int stride() {
        return Lanes.padded(width);
    }

    /** A [in, r] itself, by rows of r; its memory is [r, in]. */
    static LowRankFactor columnsOf(INDArray a) {
        return turned(a, (int) a.size(1), (int) a.size(0), 1f);
    }

    /** s B, B [r, out], by rows of out; its memory is [out, r]. */
    static LowRankFactor rowsOf(INDArray b, float scale) {
        return turned(b, (int) b.size(1), (int) b.size(0), scale);
    }

    /** The array's memory as it is, times a number: the transpose of a column-major array by rows. */
    static LowRankFactor transposedOf(INDArray array, float scale) {
        int count = (int) array.size(1);
        int width = (int) array.size(0);
        LowRankFactor factor = of(count, width);
        FloatBuffer memory = Floats.of(array);
        for (int i = 0; i < count; i++) {
            memory.get(i * width, factor.values, i * factor.stride(), width);
        }
        factor.scale(scale);
        return factor;
    }

    /** The transpose of memory [rows, columns], times a number. */
    private static LowRankFactor turned(INDArray array, int rows, int columns, float scale) {
        float[] memory = scratch(MEMORY, rows * columns);
        Floats.of(array).get(0, memory, 0, rows * columns);
        LowRankFactor factor = of(columns, rows);
        int stride = factor.stride();
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                factor.values[j * stride + i] = scale * memory[i * columns + j];
            }
        }
        return factor;
    }

    private void scale(float by) {
        if (by != 1f) {
            for (int i = 0; i < count * stride(); i++) {
                values[i] *= by;
            }
        }
    }

    /** dB [r, out] := scale times sums [r, padded(out)]; dB's memory is [out, r]. */
    static void writeRows(float[] sums, float scale, INDArray to) {
        int count = (int) to.size(0);
        int width = (int) to.size(1);
        int stride = Lanes.padded(width);
        float[] memory = scratch(MEMORY, count * width);
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < width; j++) {
                memory[j * count + i] = scale * sums[i * stride + j];
            }
        }
        Floats.of(to).put(0, memory, 0, count * width);
    }

    /** dA [in, r] := the transpose of sums [r, padded(in)], which is dA's memory. */
    static void writeColumns(float[] sums, INDArray to) {
        int width = (int) to.size(0);
        FloatBuffer memory = Floats.of(to);
        for (int i = 0; i < to.size(1); i++) {
            memory.put(i * width, sums, i * Lanes.padded(width), width);
        }
    }
}
