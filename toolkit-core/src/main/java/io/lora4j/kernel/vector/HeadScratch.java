package io.lora4j.kernel.vector;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** Java arrays for one head, and the copies between them and packed rows. Belongs to one thread. */
final class HeadScratch {
    /** Scores, probabilities: [keys, width]. */
    float[] scores = {};
    /** Their gradients: [keys, width]. */
    float[] gradients = {};
    /** Rows or columns of one operand. */
    float[] a = {};
    /** Rows or columns of another, or of a result. */
    float[] b = {};
    /** One row. */
    float[] row = {};

    /** Makes room for a head of a length; what is in the arrays is lost. */
    void reserve(int length, int size) {
        int width = Lanes.padded(length);
        int padded = Lanes.padded(size);
        int square = length * width;
        int operand = Math.max(length * padded, padded * width);
        if (scores.length < square) {
            scores = new float[square];
            gradients = new float[square];
        }
        if (a.length < operand) {
            a = new float[operand];
            b = new float[operand];
        }
        if (row.length < Math.max(width, padded)) {
            row = new float[Math.max(width, padded)];
        }
    }

    /** to[i, k] = rows[i, k], with a row of {@code width} floats, 0 behind the head's. */
    void readRows(FloatBuffer rows, int first, int columns, int length, int size, int width, float[] to) {
        for (int i = 0; i < length; i++) {
            rows.get(first + i * columns, to, i * width, size);
            Arrays.fill(to, i * width + size, (i + 1) * width, 0f);
        }
    }

    /** to[k, i] = scale rows[i, k], with a row of {@code width} floats, 0 behind the sequence's. */
    void readColumns(
            FloatBuffer rows, int first, int columns, int length, int size, int width, float scale, float[] to) {
        for (int i = 0; i < length; i++) {
            rows.get(first + i * columns, row, 0, size);
            for (int k = 0; k < size; k++) {
                to[k * width + i] = row[k] * scale;
            }
        }
        for (int k = 0; k < size; k++) {
            Arrays.fill(to, k * width + length, (k + 1) * width, 0f);
        }
    }

    /** rows[i, k] = from[i, k]. */
    void writeRows(float[] from, int width, FloatBuffer rows, int first, int columns, int length, int size) {
        for (int i = 0; i < length; i++) {
            rows.put(first + i * columns, from, i * width, size);
        }
    }

    /** rows[i, k] = scale from[k, i]. */
    void writeColumns(
            float[] from, int width, FloatBuffer rows, int first, int columns, int length, int size, float scale) {
        for (int i = 0; i < length; i++) {
            for (int k = 0; k < size; k++) {
                row[k] = from[k * width + i] * scale;
            }
            rows.put(first + i * columns, row, 0, size);
        }
    }

    /** Multiplies the first floats of an array. */
    void scaleRows(float[] values, int count, float scale) {
        for (int i = 0; i < count; i++) {
            values[i] *= scale;
        }
    }
}
