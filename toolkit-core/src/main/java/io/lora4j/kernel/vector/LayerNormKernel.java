package io.lora4j.kernel.vector;

import java.nio.FloatBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/** Layer normalisation of rows after a residual sum, forward and backward; formulas in {@link io.lora4j.kernel.EncoderKernels}. */
final class LayerNormKernel {
    private static final int GRAIN = 32;

    private final int columns;
    private final int padded;
    private final float[] weight;
    private final float[] bias;

    /**
     * @param weight [H]
     * @param bias [H], or null for the backward pass
     */
    LayerNormKernel(int columns, FloatBuffer weight, @Nullable FloatBuffer bias) {
        this.columns = columns;
        this.padded = Lanes.padded(columns);
        this.weight = new float[padded];
        this.bias = new float[padded];
        weight.get(0, this.weight, 0, columns);
        if (bias != null) {
            bias.get(0, this.bias, 0, columns);
        }
    }

    /** y, and where they are wanted n and 1 / sqrt(var + epsilon). */
    void forward(
            FloatBuffer x,
            @Nullable FloatBuffer residual,
            double epsilon,
            FloatBuffer y,
            @Nullable FloatBuffer normalized,
            @Nullable FloatBuffer inverseStd,
            int rows) {
        Parallel.run(rows, GRAIN, (from, to) -> {
            float[] u = new float[padded];
            float[] other = new float[padded];
            for (int row = from; row < to; row++) {
                int start = row * columns;
                x.get(start, u, 0, columns);
                if (residual != null) {
                    residual.get(start, other, 0, columns);
                    add(u, other);
                }
                double inverse = normalize(u, epsilon);
                scale(u, other);
                y.put(start, other, 0, columns);
                if (normalized != null && inverseStd != null) {
                    normalized.put(start, u, 0, columns);
                    inverseStd.put(row, (float) inverse);
                }
            }
        });
    }

    private static void add(float[] to, float[] what) {
        for (int i = 0; i < to.length; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.SPECIES, to, i)
                    .add(FloatVector.fromArray(Lanes.SPECIES, what, i))
                    .intoArray(to, i);
        }
    }

    /** u := n; what is behind the columns stays 0, so that whole vectors may be summed. */
    private double normalize(float[] u, double epsilon) {
        float mean = (float) (sum(u) / columns);
        shift(u, -mean);
        java.util.Arrays.fill(u, columns, padded, 0f);
        double inverse = 1 / Math.sqrt(sumOfProducts(u, u) / columns + epsilon);
        multiply(u, (float) inverse);
        return inverse;
    }

    private static double sum(float[] u) {
        FloatVector sum = FloatVector.zero(Lanes.SPECIES);
        for (int i = 0; i < u.length; i += Lanes.COUNT) {
            sum = sum.add(FloatVector.fromArray(Lanes.SPECIES, u, i));
        }
        return sum.reduceLanes(VectorOperators.ADD);
    }

    private static double sumOfProducts(float[] a, float[] b) {
        FloatVector sum = FloatVector.zero(Lanes.SPECIES);
        for (int i = 0; i < a.length; i += Lanes.COUNT) {
            sum = FloatVector.fromArray(Lanes.SPECIES, a, i).fma(FloatVector.fromArray(Lanes.SPECIES, b, i), sum);
        }
        return sum.reduceLanes(VectorOperators.ADD);
    }

    private static void shift(float[] u, float by) {
        for (int i = 0; i < u.length; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.SPECIES, u, i).add(by).intoArray(u, i);
        }
    }

    private static void multiply(float[] u, float by) {
        for (int i = 0; i < u.length; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.SPECIES, u, i).mul(by).intoArray(u, i);
        }
    }

    /** y = n weight + bias. */
    private void scale(float[] n, float[] y) {
        for (int i = 0; i < padded; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.SPECIES, n, i)
                    .fma(FloatVector.fromArray(Lanes.SPECIES, weight, i), FloatVector.fromArray(Lanes.SPECIES, bias, i))
                    .intoArray(y, i);
        }
    }

    /** du = inverseStd (g - mean(g) - n mean(g n)), g = dy weight. */
    void backward(FloatBuffer dy, FloatBuffer normalized, FloatBuffer inverseStd, FloatBuffer du, int rows) {
        Parallel.run(rows, GRAIN, (from, to) -> {
            float[] g = new float[padded];
            float[] n = new float[padded];
            for (int row = from; row < to; row++) {
                int start = row * columns;
                dy.get(start, g, 0, columns);
                normalized.get(start, n, 0, columns);
                byWeight(g);
                float mean = (float) (sum(g) / columns);
                float along = (float) (sumOfProducts(g, n) / columns);
                project(g, n, mean, along, inverseStd.get(row));
                du.put(start, g, 0, columns);
                java.util.Arrays.fill(g, columns, padded, 0f);
            }
        });
    }

    private void byWeight(float[] g) {
        for (int i = 0; i < padded; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.SPECIES, g, i)
                    .mul(FloatVector.fromArray(Lanes.SPECIES, weight, i))
                    .intoArray(g, i);
        }
    }

    private static void project(float[] g, float[] n, float mean, float along, float inverse) {
        for (int i = 0; i < g.length; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.SPECIES, g, i)
                    .sub(mean)
                    .sub(FloatVector.fromArray(Lanes.SPECIES, n, i).mul(along))
                    .mul(inverse)
                    .intoArray(g, i);
        }
    }
}
