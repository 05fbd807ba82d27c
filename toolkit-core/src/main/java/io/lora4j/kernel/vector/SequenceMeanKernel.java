package io.lora4j.kernel.vector;

import io.lora4j.kernel.PackedLayout;
import java.nio.FloatBuffer;

/** Means of the rows of every sequence; a sequence's rows are added one after the other, so the sums are the same every time. */
final class SequenceMeanKernel {
    private SequenceMeanKernel() {}

    /**
     * @param rows [N, columns]
     * @param out [B, columns]
     */
    static void run(FloatBuffer rows, PackedLayout layout, int columns, FloatBuffer out) {
        Parallel.run(layout.sequences(), 1, (from, to) -> {
            float[] sum = new float[columns];
            float[] row = new float[columns];
            for (int b = from; b < to; b++) {
                rows.get(layout.offset(b) * columns, sum);
                for (int t = 1; t < layout.length(b); t++) {
                    rows.get((layout.offset(b) + t) * columns, row);
                    add(sum, row);
                }
                scale(sum, 1f / layout.length(b));
                out.put(b * columns, sum);
            }
        });
    }

    private static void add(float[] sum, float[] row) {
        for (int j = 0; j < sum.length; j++) {
            sum[j] += row[j];
        }
    }

    private static void scale(float[] sum, float factor) {
        for (int j = 0; j < sum.length; j++) {
            sum[j] *= factor;
        }
    }
}
