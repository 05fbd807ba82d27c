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
 * that a lane is a query; of all operands only Q, and in the backward pass dL/dcontext, must be turned for that. The backward pass
 * computes P^T again, where it needs it and to the last bit the same: that is one product and one exponential more per score, and none of the
 * traffic of writing P to memory and reading it.
 */
final class AttentionKernel {
    private static final ThreadLocal<HeadScratch> SCRATCH = ThreadLocal.withInitial(HeadScratch::new);

    /** Floats of a block of rows, so that the blocks of a task stay in a core's second cache. */
    private static final int BLOCK = 32_768;

    private final PackedLayout queryLayout;
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
    private final FloatBuffer statistics;

    /** All arrays are {@link Floats#direct}. */
    AttentionKernel(Attention input, INDArray statistics) {
        this.queryLayout = input.queryLayout();
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
        this.statistics = Floats.of(statistics);
    }

    /** Heads of a task: as many as the cache holds, fewer if the threads would have nothing to do. */
    private int together() {
        int longest = Math.max(queryLayout.maxLength(), layout.maxLength());
        int fit = Math.max(1, Math.min(heads, BLOCK / (longest * step)));
        int threads = KernelThreads.isAlone() ? 1 : ForkJoinPool.getCommonPoolParallelism() + 1;
        int tasks = 4 * threads;
        return layout.sequences() >= tasks ? fit : Math.min(fit, Math.max(1, heads * layout.sequences() / tasks));
    }

    /** Some heads of one sequence. */
    private final class Task {
        final int sequence;
        final int head;
        final int count;
        final int queries;
        final int keys;
        final int width;
        final int rowWidth;
        final HeadScratch scratch;

        Task(int index, HeadScratch scratch, int blocks) {
            this.sequence = index / groups;
            this.head = index % groups * together;
            this.count = Math.min(together, heads - head);
            this.queries = queryLayout.length(sequence);
            this.keys = layout.length(sequence);
            this.width = Lanes.padded(queries);
            this.rowWidth = count * step;
            this.scratch = scratch;
            scratch.reserve(queries, keys, size, rowWidth, blocks);
        }

        private int first(PackedLayout of) {
            return of.offset(sequence) * columns + head * size;
        }

        float[] read(FloatBuffer rows, PackedLayout of, int block) {
            HeadScratch.read(rows, first(of), columns, of.length(sequence), count, size, step, scratch.blocks[block]);
            return scratch.blocks[block];
        }

        float[] zero(PackedLayout of, int block) {
            Arrays.fill(scratch.blocks[block], 0, HeadGemm.rows(of.length(sequence)) * rowWidth, 0f);
            return scratch.blocks[block];
        }

        void write(float[] block, FloatBuffer rows, PackedLayout of) {
            HeadScratch.write(block, rows, first(of), columns, of.length(sequence), count, size, step);
        }

        /** to := left turned^T, [keys, queries], left a block of rows. */
        void scores(float[] left, int at, float[] to) {
            Arrays.fill(to, 0, HeadGemm.rows(keys) * width, 0f);
            new HeadGemm(left, at, rowWidth, 1).add(scratch.turned, 0, width, to, 0, width, keys, width, size);
        }

        /** Columns of a block: to := s right, s [keys, queries]. */
        void byKeys(float[] s, float[] right, float[] to, int at) {
            new HeadGemm(s, 0, width, 1).add(right, at, rowWidth, to, at, rowWidth, keys, step, queries);
        }

        /** Columns of a block: to := s^T right. */
        void byQueries(float[] s, float[] right, float[] to, int at) {
            new HeadGemm(s, 0, 1, width).add(right, at, rowWidth, to, at, rowWidth, queries, step, keys);
        }

        /** Multiplies a matrix [keys, queries] by the mask. */
        void mask(float[] s, Dropout of, int index) {
            scratch.dropout.use(of.part((long) sequence * heads + head + index));
            for (int row = 0; row < keys; row++) {
                scratch.dropout.multiply(s, row * width, queries, row << 16);
            }
        }

        /** Place of a head's greatest scores, or inverse sums, of this sequence. */
        private int place(int index, boolean inverse) {
            int row = head + index + (inverse ? heads : 0);
            return row * queryLayout.rows() + queryLayout.offset(sequence);
        }

        void keep(int index) {
            statistics.put(place(index, false), scratch.greatest, 0, queries);
            statistics.put(place(index, true), scratch.inverse, 0, queries);
        }

        void recall(int index) {
            statistics.get(place(index, false), scratch.greatest, 0, queries);
            statistics.get(place(index, true), scratch.inverse, 0, queries);
            // Lanes that are no query: exp(0 - 0) times 0.
            Arrays.fill(scratch.greatest, queries, width, 0f);
            Arrays.fill(scratch.inverse, queries, width, 0f);
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
        HeadScratch scratch = task.scratch;
        float[] q = task.read(query, queryLayout, 0);
        float[] k = task.read(key, layout, 1);
        float[] v = task.read(value, layout, 2);
        float[] context = task.zero(queryLayout, 3);
        float[] p = scratch.scores;
        for (int index = 0; index < task.count; index++) {
            int at = index * step;
            scratch.turn(q, at, task.rowWidth, task.queries, size, scale);
            task.scores(k, at, p);
            HeadSoftmax.forward(p, task.keys, task.width, scratch.greatest, scratch.inverse);
            task.keep(index);
            if (dropout != null) {
                task.mask(p, dropout, index);
            }
            task.byQueries(p, v, context, at);
        }
        task.write(context, out, queryLayout);
    }

    void backward(FloatBuffer dOut, FloatBuffer dQuery, FloatBuffer dKey, FloatBuffer dValue) {
        Parallel.run(layout.sequences() * groups, 1, (from, to) -> {
            HeadScratch scratch = SCRATCH.get();
            for (int index = from; index < to; index++) {
                Task task = new Task(index, scratch, 7);
                backward(task, dOut);
                task.write(scratch.blocks[4], dQuery, queryLayout);
                task.write(scratch.blocks[5], dKey, layout);
                task.write(scratch.blocks[6], dValue, layout);
            }
        });
    }

    private void backward(Task task, FloatBuffer dOut) {
        HeadScratch scratch = task.scratch;
        // Both products with Q and K carry the factor 1 / sqrt(d).
        float[] q = task.read(query, queryLayout, 0);
        float[] k = task.read(key, layout, 1);
        float[] v = task.read(value, layout, 2);
        float[] dContext = task.read(dOut, queryLayout, 3);
        float[] dQ = task.zero(queryLayout, 4);
        float[] dK = task.zero(layout, 5);
        float[] dV = task.zero(layout, 6);
        float[] p = scratch.scores;
        float[] d = scratch.gradients;
        for (int index = 0; index < task.count; index++) {
            int at = index * step;
            scratch.turn(q, at, task.rowWidth, task.queries, size, scale);
            task.scores(k, at, p);
            task.recall(index);
            HeadSoftmax.again(p, task.keys, task.width, scratch.greatest, scratch.inverse);
            float[] masked = p;
            if (dropout != null) {
                System.arraycopy(p, 0, d, 0, task.keys * task.width);
                task.mask(d, dropout, index);
                masked = d;
            }
            task.byKeys(masked, dContext, dV, at);
            scratch.turn(dContext, at, task.rowWidth, task.queries, size, 1f);
            task.scores(v, at, d);
            if (dropout != null) {
                task.mask(d, dropout, index);
            }
            HeadSoftmax.backward(p, d, task.keys, task.width, scale);
            task.byQueries(d, k, dQ, at);
            task.byKeys(d, q, dK, at);
        }
    }
}
