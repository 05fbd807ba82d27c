package io.lora4j.kernel.vector;

import io.lora4j.kernel.KernelThreads;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Function;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The thin products, a block of rows at a time: a block is read into a Java array once, everything that needs it is computed, and what has
 * changed is written back; formulas in {@link io.lora4j.kernel.LowRankKernels}.
 */
final class LowRankKernel {
    /** Floats of a block, so that it stays in a core's second cache beside the factor. */
    private static final int BLOCK = 32_768;

    private static final int LEAST_ROWS = 8;
    private static final int MOST_ROWS = 64;

    private static final int ROWS = 0;
    private static final int THIN = 1;
    private static final int TURNED = 2;
    private static final int RESULT = 3;

    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[4][0]);

    private static final ThreadLocal<float[][]> SUMS = ThreadLocal.withInitial(() -> new float[0][]);

    private LowRankKernel() {}

    /** An array of this thread, with what the last use left in it. */
    private static float[] scratch(int which, int length) {
        float[][] own = SCRATCH.get();
        if (own[which].length < length) {
            own[which] = new float[length];
        }
        return own[which];
    }

    private static int blockRows(int stride) {
        return Math.max(LEAST_ROWS, Math.min(MOST_ROWS, BLOCK / stride)) / 4 * 4;
    }

    /** The same cut of the rows every time: a part per processor, if each has a block's worth. */
    private static int parts(int rows) {
        int threads = KernelThreads.isAlone() ? 1 : ForkJoinPool.getCommonPoolParallelism() + 1;
        return Math.max(1, Math.min(threads, rows / LEAST_ROWS));
    }

    /** What is done with a part of the rows. */
    private interface Part {
        void run(int part, int from, int to);
    }

    private static void split(int rows, Part body) {
        int parts = parts(rows);
        Parallel.run(parts, 1, (first, last) -> {
            for (int part = first; part < last; part++) {
                body.run(part, (int) ((long) rows * part / parts), (int) ((long) rows * (part + 1) / parts));
            }
        });
    }

    private static void read(FloatBuffer from, int row, int count, int width, float[] to) {
        int stride = Lanes.padded(width);
        if (stride == width) {
            from.get(row * width, to, 0, count * width);
            return;
        }
        for (int i = 0; i < count; i++) {
            from.get((row + i) * width, to, i * stride, width);
        }
    }

    private static void write(float[] from, FloatBuffer to, int row, int count, int width) {
        int stride = Lanes.padded(width);
        if (stride == width) {
            to.put(row * width, from, 0, count * width);
            return;
        }
        for (int i = 0; i < count; i++) {
            to.put((row + i) * width, from, i * stride, width);
        }
    }

    /**
     * t := x A.
     *
     * @param a A, [in] rows of r
     */
    static void project(FloatBuffer x, LowRankFactor a, FloatBuffer t, int rows) {
        int in = a.count();
        int stride = Lanes.padded(in);
        int block = blockRows(stride);
        split(rows, (part, from, to) -> {
            float[] here = scratch(ROWS, block * stride);
            float[] result = scratch(RESULT, block * a.stride());
            for (int row = from; row < to; row += block) {
                int count = Math.min(block, to - row);
                read(x, row, count, in, here);
                SmallGemm.multiply(here, stride, a.values(), result, count, a.stride(), in);
                write(result, t, row, count, a.width());
            }
        });
    }

    /**
     * z := z + t sB + bias.
     *
     * @param b s B, [r] rows of out
     */
    static void expand(FloatBuffer t, LowRankFactor b, @Nullable FloatBuffer bias, FloatBuffer z, int rows) {
        int rank = b.count();
        int out = b.width();
        int stride = b.stride();
        int block = blockRows(stride);
        float[] shift = bias == null ? null : row(bias, out);
        split(rows, (part, from, to) -> {
            float[] here = scratch(ROWS, block * stride);
            float[] thin = scratch(THIN, block * rank);
            for (int row = from; row < to; row += block) {
                int count = Math.min(block, to - row);
                read(z, row, count, out, here);
                t.get(row * rank, thin, 0, count * rank);
                if (shift != null) {
                    shift(here, shift, count);
                }
                SmallGemm.add(thin, rank, b.values(), here, count, stride, rank);
                write(here, z, row, count, out);
            }
        });
    }

    /** A row of its own: its length is what is added. */
    private static float[] row(FloatBuffer from, int width) {
        float[] row = new float[Lanes.padded(width)];
        from.get(0, row, 0, width);
        return row;
    }

    private static void shift(float[] rows, float[] by, int count) {
        for (int i = 0; i < count; i++) {
            shiftRow(rows, i * by.length, by);
        }
    }

    private static void shiftRow(float[] rows, int at, float[] by) {
        for (int j = 0; j < by.length; j += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.SPECIES, rows, at + j)
                    .add(FloatVector.fromArray(Lanes.SPECIES, by, j))
                    .intoArray(rows, at + j);
        }
    }

    static void addBias(FloatBuffer bias, FloatBuffer z, int rows, int out) {
        float[] shift = row(bias, out);
        int block = LEAST_ROWS;
        split(rows, (part, from, to) -> {
            float[] here = scratch(ROWS, block * shift.length);
            for (int row = from; row < to; row += block) {
                int count = Math.min(block, to - row);
                read(z, row, count, out, here);
                shift(here, shift, count);
                write(here, z, row, count, out);
            }
        });
    }

    /**
     * u := delta (s B)^T.
     *
     * @param b s B transposed, [out] rows of r
     * @return t^T delta, [r, padded(out)]
     */
    static float[] backwardB(FloatBuffer t, FloatBuffer delta, LowRankFactor b, FloatBuffer u, int rows) {
        int rank = b.width();
        int out = b.count();
        int stride = Lanes.padded(out);
        int block = blockRows(stride);
        return summed(rows, rank * stride, sums -> (part, from, to) -> {
            float[] here = scratch(ROWS, block * stride);
            float[] thin = scratch(THIN, block * rank);
            float[] turned = scratch(TURNED, block * rank);
            float[] result = scratch(RESULT, block * b.stride());
            for (int row = from; row < to; row += block) {
                int count = Math.min(block, to - row);
                read(delta, row, count, out, here);
                t.get(row * rank, thin, 0, count * rank);
                turn(thin, turned, count, rank);
                SmallGemm.add(turned, count, here, sums[part], rank, stride, count);
                SmallGemm.multiply(here, stride, b.values(), result, count, b.stride(), out);
                write(result, u, row, count, rank);
            }
        });
    }

    /**
     * dx := dx + u A^T.
     *
     * @param a A transposed, [r] rows of in
     * @return u^T x, [r, padded(in)]
     */
    static float[] backwardA(FloatBuffer x, FloatBuffer u, LowRankFactor a, @Nullable FloatBuffer dx, int rows) {
        int rank = a.count();
        int in = a.width();
        int stride = a.stride();
        int block = blockRows(stride);
        return summed(rows, rank * stride, sums -> (part, from, to) -> {
            float[] here = scratch(ROWS, block * stride);
            float[] thin = scratch(THIN, block * rank);
            float[] turned = scratch(TURNED, block * rank);
            for (int row = from; row < to; row += block) {
                int count = Math.min(block, to - row);
                read(x, row, count, in, here);
                u.get(row * rank, thin, 0, count * rank);
                turn(thin, turned, count, rank);
                SmallGemm.add(turned, count, here, sums[part], rank, stride, count);
                if (dx != null) {
                    read(dx, row, count, in, here);
                    SmallGemm.add(thin, rank, a.values(), here, count, stride, rank);
                    write(here, dx, row, count, in);
                }
            }
        });
    }

    private static void turn(float[] from, float[] to, int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                to[j * rows + i] = from[i * columns + j];
            }
        }
    }

    /**
     * Runs the parts with an array of sums each, and adds these up in the parts' order.
     *
     * @return the calling thread's own array, whose first floats are the sums
     */
    private static float[] summed(int rows, int length, Function<float[][], Part> body) {
        float[][] sums = sums(parts(rows), length);
        split(rows, body.apply(sums));
        for (int part = 1; part < parts(rows); part++) {
            addTo(sums[0], sums[part], length);
        }
        return sums[0];
    }

    private static float[][] sums(int count, int length) {
        float[][] own = SUMS.get();
        if (own.length < count) {
            own = Arrays.copyOf(own, count);
            SUMS.set(own);
        }
        for (int part = 0; part < count; part++) {
            if (own[part] == null || own[part].length < length) {
                own[part] = new float[length];
            } else {
                Arrays.fill(own[part], 0, length, 0f);
            }
        }
        return own;
    }

    private static void addTo(float[] to, float[] what, int length) {
        for (int i = 0; i < length; i++) {
            to[i] += what[i];
        }
    }
}
