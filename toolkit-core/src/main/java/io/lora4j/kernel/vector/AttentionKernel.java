package io.lora4j.kernel.vector;

import io.lora4j.kernel.Dropout;
import io.lora4j.kernel.EncoderKernels.Attention;
import io.lora4j.kernel.KernelThreads;
import io.lora4j.kernel.PackedLayout;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Self-attention straight from the packed rows, some heads of one sequence at a time; formulas in {@link io.lora4j.kernel.EncoderKernels}.
 *
 * <p>A sequence's rows are copied into Java arrays as they are, and heads are columns of these. Scores are computed transposed, [keys, queries], so
 * that a lane is a query; of all operands only Q, and in the backward pass dL/dcontext, must be turned for that. What is kept for the
 * backward pass is P^T at the head's place in the caller's array.
 */
final class AttentionKernel {
    private static final ThreadLocal<HeadScratch> SCRATCH = ThreadLocal.withInitial(HeadScratch::new);

    /** Floats of a block of rows, so that the blocks of a task stay in a core's second cache. */
    private static final int BLOCK = 32_768;

    private final PackedLayout layout;
    private final int heads;
    private final int columns;
    private final int size;
    private final int step;
    private final int together;
    private final int groups;
    private final float scale;
    private final FloatBuffer query;
    private final FloatBuffer key;
    private final FloatBuffer value;
    private final @Nullable Dropout dropout;
    private final FloatBuffer probabilities;

    /** All arrays are {@link Floats#direct}. */
    AttentionKernel(Attention input, INDArray probabilities) {
        this.layout = input.layout();
        this.heads = input.heads();
        this.columns = (int) input.query().size(1);
        this.size = columns / heads;
        this.step = Lanes.padded(size);
        this.together = together();
        this.groups = (heads + together - 1) / together;
        this.scale = (float) (1 / Math.sqrt(size));
        this.query = Floats.of(input.query());
        this.key = Floats.of(input.key());
        this.value = Floats.of(input.value());
        this.dropout = input.dropout();
        this.probabilities = Floats.of(probabilities);
    }

    /** Heads of a task: as many as the cache holds, fewer if the threads would have nothing to do. */
    private int together() {
        int fit = Math.max(1, Math.min(heads, BLOCK / (layout.maxLength() * step)));
        int threads = KernelThreads.isAlone() ? 1 : ForkJoinPool.getCommonPoolParallelism() + 1;
        int tasks = 4 * threads;
        return layout.sequences() >= tasks ? fit : Math.min(fit, Math.max(1, heads * layout.sequences() / tasks));
    }

    /** Some heads of one sequence. */
    private final class Task {
        final int sequence;
        final int head;
        final int count;
        final int length;
        final int width;
        final int rowWidth;
        final int first;
        final HeadScratch scratch;

        Task(int index, HeadScratch scratch, int blocks) {
            this.sequence = index / groups;
            this.head = index % groups * together;
            this.count = Math.min(together, heads - head);
            this.length = layout.length(sequence);
            this.width = Lanes.padded(length);
            this.rowWidth = count * step;
            this.first = layout.offset(sequence) * columns + head * size;
            this.scratch = scratch;
            scratch.reserve(length, size, rowWidth, blocks);
        }

        float[] read(FloatBuffer rows, int block) {
            HeadScratch.read(rows, first, columns, length, count, size, step, scratch.blocks[block]);
            return scratch.blocks[block];
        }

        float[] zero(int block) {
            Arrays.fill(scratch.blocks[block], 0, HeadGemm.rows(length) * rowWidth, 0f);
            return scratch.blocks[block];
        }

        void write(float[] block, FloatBuffer rows) {
            HeadScratch.write(block, rows, first, columns, length, count, size, step);
        }

        /** to := left turned^T, [keys, queries], left a block of rows. */
        void scores(float[] left, int at, float[] to) {
            Arrays.fill(to, 0, HeadGemm.rows(length) * width, 0f);
            new HeadGemm(left, at, rowWidth, 1).add(scratch.turned, 0, width, to, 0, width, length, width, size);
        }

        /** Columns of a block: to := s right, s [keys, queries]. */
        void byKeys(float[] s, float[] right, float[] to, int at) {
            new HeadGemm(s, 0, width, 1).add(right, at, rowWidth, to, at, rowWidth, length, step, length);
        }

        /** Columns of a block: to := s^T right. */
        void byQueries(float[] s, float[] right, float[] to, int at) {
            new HeadGemm(s, 0, 1, width).add(right, at, rowWidth, to, at, rowWidth, length, step, length);
        }

        /** Multiplies a matrix [keys, queries] by the mask. */
        void mask(float[] s, Dropout of, int index) {
            scratch.dropout.use(of.part((long) sequence * heads + head + index));
            for (int row = 0; row < length; row++) {
                scratch.dropout.multiply(s, row * width, length, row << 16);
            }
        }

        /** Place and distance of the rows of P^T: whole vectors if the head's part of the array has room for them. */
        private int place(int index) {
            return (sequence * heads + head + index) * layout.maxLength() * layout.maxLength();
        }

        private boolean whole() {
            return length * width <= layout.maxLength() * layout.maxLength();
        }

        void keep(float[] p, int index) {
            if (whole()) {
                probabilities.put(place(index), p, 0, length * width);
                return;
            }
            for (int row = 0; row < length; row++) {
                probabilities.put(place(index) + row * length, p, row * width, length);
            }
        }

        void recall(float[] p, int index) {
            if (whole()) {
                probabilities.get(place(index), p, 0, length * width);
                return;
            }
            for (int row = 0; row < length; row++) {
                probabilities.get(place(index) + row * length, p, row * width, length);
                Arrays.fill(p, row * width + length, (row + 1) * width, 0f);
            }
        }
    }

    void forward(FloatBuffer out) {
        Parallel.run(layout.sequences() * groups, 1, (from, to) -> {
            HeadScratch scratch = SCRATCH.get();
            for (int index = from; index < to; index++) {
                forward(new Task(index, scratch, 4), out);
            }
        });
    }

    private void forward(Task task, FloatBuffer out) {
        float[] q = task.read(query, 0);
        float[] k = task.read(key, 1);
        float[] v = task.read(value, 2);
        float[] context = task.zero(3);
        float[] p = task.scratch.scores;
        for (int index = 0; index < task.count; index++) {
            int at = index * step;
            task.scratch.turn(q, at, task.rowWidth, task.length, size, scale);
            task.scores(k, at, p);
            HeadSoftmax.forward(p, task.length, task.width);
            task.keep(p, index);
            if (dropout != null) {
                task.mask(p, dropout, index);
            }
            task.byQueries(p, v, context, at);
        }
        task.write(context, out);
    }

    void backward(FloatBuffer dOut, FloatBuffer dQuery, FloatBuffer dKey, FloatBuffer dValue) {
        Parallel.run(layout.sequences() * groups, 1, (from, to) -> {
            HeadScratch scratch = SCRATCH.get();
            for (int index = from; index < to; index++) {
                Task task = new Task(index, scratch, 7);
                backward(task, dOut);
                task.write(scratch.blocks[4], dQuery);
                task.write(scratch.blocks[5], dKey);
                task.write(scratch.blocks[6], dValue);
            }
        });
    }

    private void backward(Task task, FloatBuffer dOut) {
        // Both products with Q and K carry the factor 1 / sqrt(d).
        float[] q = task.read(query, 0);
        float[] k = task.read(key, 1);
        float[] v = task.read(value, 2);
        float[] dContext = task.read(dOut, 3);
        float[] dQ = task.zero(4);
        float[] dK = task.zero(5);
        float[] dV = task.zero(6);
        float[] p = task.scratch.scores;
        float[] d = task.scratch.gradients;
        for (int index = 0; index < task.count; index++) {
            int at = index * step;
            task.recall(p, index);
            float[] masked = p;
            if (dropout != null) {
                System.arraycopy(p, 0, d, 0, task.length * task.width);
                task.mask(d, dropout, index);
                masked = d;
            }
            task.byKeys(masked, dContext, dV, at);
            task.scratch.turn(dContext, at, task.rowWidth, task.length, size, 1f);
            task.scores(v, at, d);
            if (dropout != null) {
                task.mask(d, dropout, index);
            }
            HeadSoftmax.backward(p, d, task.length, task.width, scale);
            task.byQueries(d, k, dQ, at);
            task.byKeys(d, q, dK, at);
        }
    }
}
