package io.lora4j.kernel.vector;

import io.lora4j.kernel.EncoderKernels.Attention;
import io.lora4j.kernel.PackedLayout;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Self-attention straight from the packed rows, one sequence and head at a time; formulas in {@link io.lora4j.kernel.EncoderKernels}.
 *
 * <p>A head's columns are copied into Java arrays, so nothing is padded but to whole vectors. What is kept for the backward pass is P^T, [keys,
 * queries], at the head's place in the caller's array.
 */
final class AttentionKernel {
    private static final ThreadLocal<HeadScratch> SCRATCH = ThreadLocal.withInitial(HeadScratch::new);

    private final PackedLayout layout;
    private final int heads;
    private final int columns;
    private final int size;
    private final float scale;
    private final FloatBuffer query;
    private final FloatBuffer key;
    private final FloatBuffer value;
    private final @Nullable FloatBuffer dropout;
    private final FloatBuffer probabilities;

    /** All arrays are {@link Floats#direct}. */
    AttentionKernel(Attention input, INDArray probabilities) {
        this.layout = input.layout();
        this.heads = input.heads();
        this.columns = (int) input.query().size(1);
        this.size = columns / heads;
        this.scale = (float) (1 / Math.sqrt(size));
        this.query = Floats.of(input.query());
        this.key = Floats.of(input.key());
        this.value = Floats.of(input.value());
        INDArray mask = input.dropout();
        this.dropout = mask == null ? null : Floats.of(mask);
        this.probabilities = Floats.of(probabilities);
    }

    private int first(int sequence, int head) {
        return layout.offset(sequence) * columns + head * size;
    }

    private int place(int task) {
        return task * layout.maxLength() * layout.maxLength();
    }

    void forward(FloatBuffer out) {
        Parallel.run(layout.sequences() * heads, 2, (from, to) -> {
            HeadScratch scratch = SCRATCH.get();
            for (int task = from; task < to; task++) {
                forward(task, out, scratch);
            }
        });
    }

    private void forward(int task, FloatBuffer out, HeadScratch scratch) {
        int sequence = task / heads;
        int first = first(sequence, task % heads);
        int length = layout.length(sequence);
        int width = Lanes.padded(length);
        scratch.reserve(length, size);
        scratch.readRows(key, first, columns, length, size, size, scratch.a);
        scratch.readColumns(query, first, columns, length, size, width, scale, scratch.b);
        SmallGemm.multiply(scratch.a, size, scratch.b, scratch.scores, length, width, size);
        HeadSoftmax.forward(scratch.scores, length, width);
        writeProbabilities(scratch.scores, place(task), length, width);
        maskTransposed(scratch.scores, task, length, width, scratch);
        scratch.readColumns(value, first, columns, length, size, length, 1f, scratch.a);
        SmallGemm.multiply(scratch.a, length, scratch.scores, scratch.b, size, width, length);
        scratch.writeColumns(scratch.b, width, out, first, columns, length, size, 1f);
    }

    private void writeProbabilities(float[] p, int place, int length, int width) {
        for (int row = 0; row < length; row++) {
            probabilities.put(place + row * layout.maxLength(), p, row * width, length);
        }
    }

    private void readProbabilities(float[] p, int place, int length, int width) {
        for (int row = 0; row < length; row++) {
            probabilities.get(place + row * layout.maxLength(), p, row * width, length);
            Arrays.fill(p, row * width + length, (row + 1) * width, 0f);
        }
    }

    /** s^T := s^T mask^T; the mask is stored [queries, keys]. */
    private void maskTransposed(float[] s, int task, int length, int width, HeadScratch scratch) {
        FloatBuffer mask = dropout;
        if (mask == null) {
            return;
        }
        for (int queryRow = 0; queryRow < length; queryRow++) {
            mask.get(place(task) + queryRow * layout.maxLength(), scratch.row, 0, length);
            for (int keyRow = 0; keyRow < length; keyRow++) {
                s[keyRow * width + queryRow] *= scratch.row[keyRow];
            }
        }
    }

    void backward(FloatBuffer dOut, FloatBuffer dQuery, FloatBuffer dKey, FloatBuffer dValue) {
        Parallel.run(layout.sequences() * heads, 2, (from, to) -> {
            HeadScratch scratch = SCRATCH.get();
            for (int task = from; task < to; task++) {
                int length = layout.length(task / heads);
                scratch.reserve(length, size);
                toValue(task, dOut, dValue, scratch);
                toScores(task, dOut, scratch);
                toQueryAndKey(task, dQuery, dKey, scratch);
            }
        });
    }

    /** P^T into scratch.scores; dV = (P mask)^T dOut. */
    private void toValue(int task, FloatBuffer dOut, FloatBuffer dValue, HeadScratch scratch) {
        int first = first(task / heads, task % heads);
        int length = layout.length(task / heads);
        int width = Lanes.padded(length);
        int padded = Lanes.padded(size);
        readProbabilities(scratch.scores, place(task), length, width);
        System.arraycopy(scratch.scores, 0, scratch.gradients, 0, length * width);
        maskTransposed(scratch.gradients, task, length, width, scratch);
        scratch.readRows(dOut, first, columns, length, size, padded, scratch.a);
        SmallGemm.multiply(scratch.gradients, width, scratch.a, scratch.b, length, padded, length);
        scratch.writeRows(scratch.b, padded, dValue, first, columns, length, size);
    }

    /** dS^T into scratch.gradients. */
    private void toScores(int task, FloatBuffer dOut, HeadScratch scratch) {
        int first = first(task / heads, task % heads);
        int length = layout.length(task / heads);
        int width = Lanes.padded(length);
        scratch.readRows(value, first, columns, length, size, size, scratch.a);
        scratch.readColumns(dOut, first, columns, length, size, width, 1f, scratch.b);
        SmallGemm.multiply(scratch.a, size, scratch.b, scratch.gradients, length, width, size);
        maskTransposed(scratch.gradients, task, length, width, scratch);
        HeadSoftmax.backward(scratch.scores, scratch.gradients, length, width);
    }

    /** dQ = dS K / sqrt d, dK = dS^T Q / sqrt d. */
    private void toQueryAndKey(int task, FloatBuffer dQuery, FloatBuffer dKey, HeadScratch scratch) {
        int first = first(task / heads, task % heads);
        int length = layout.length(task / heads);
        int width = Lanes.padded(length);
        int padded = Lanes.padded(size);
        scratch.readColumns(key, first, columns, length, size, length, scale, scratch.a);
        SmallGemm.multiply(scratch.a, length, scratch.gradients, scratch.b, size, width, length);
        scratch.writeColumns(scratch.b, width, dQuery, first, columns, length, size, 1f);
        scratch.readRows(query, first, columns, length, size, padded, scratch.a);
        SmallGemm.multiply(scratch.gradients, width, scratch.a, scratch.b, length, padded, length);
        scratch.scaleRows(scratch.b, length * padded, scale);
        scratch.writeRows(scratch.b, padded, dKey, first, columns, length, size);
    }
}
