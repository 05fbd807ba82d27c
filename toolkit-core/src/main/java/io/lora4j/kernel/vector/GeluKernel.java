package io.lora4j.kernel.vector;

import java.nio.FloatBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * GELU with the error function, and its derivative, in one pass: both need the same exp(-x^2 / 2).
 *
 * <p>1 - Phi(|x|) = P(t) exp(-x^2 / 2) / 2 with t = 1 / (1 + 0.3275911 |x| / sqrt 2) and a polynomial P of degree 5 (Abramowitz and Stegun,
 * Handbook of Mathematical Functions, 7.1.26): Phi to 7.5e-8.
 */
final class GeluKernel {
    private static final int BLOCK = 2048;
    private static final float T_SLOPE = (float) (0.3275911 / Math.sqrt(2));
    private static final float PHI_ZERO = (float) (1 / Math.sqrt(2 * Math.PI));

    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[3][BLOCK]);

    private GeluKernel() {}

    /** y = x Phi(x), and Phi(x) + x phi(x) where it is wanted. */
    static void forward(FloatBuffer x, FloatBuffer y, @Nullable FloatBuffer slope, int length) {
        Parallel.run((length + BLOCK - 1) / BLOCK, 4, (from, to) -> {
            float[][] scratch = SCRATCH.get();
            for (int block = from; block < to; block++) {
                int start = block * BLOCK;
                int count = Math.min(BLOCK, length - start);
                x.get(start, scratch[0], 0, count);
                compute(scratch[0], scratch[1], scratch[2], count);
                y.put(start, scratch[1], 0, count);
                if (slope != null) {
                    slope.put(start, scratch[2], 0, count);
                }
            }
        });
    }

    private static void compute(float[] x, float[] y, float[] slope, int count) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector v = FloatVector.fromArray(Lanes.SPECIES, x, i);
            FloatVector bell = Lanes.exp(v.mul(v).mul(-0.5f));
            FloatVector phi = distribution(v, bell);
            v.mul(phi).intoArray(y, i);
            v.mul(bell).mul(PHI_ZERO).add(phi).intoArray(slope, i);
        }
    }

    private static FloatVector distribution(FloatVector v, FloatVector bell) {
        FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1f);
        FloatVector t = one.div(v.abs().fma(FloatVector.broadcast(Lanes.SPECIES, T_SLOPE), one));
        FloatVector p = FloatVector.broadcast(Lanes.SPECIES, 1.061405429f);
        p = p.fma(t, FloatVector.broadcast(Lanes.SPECIES, -1.453152027f));
        p = p.fma(t, FloatVector.broadcast(Lanes.SPECIES, 1.421413741f));
        p = p.fma(t, FloatVector.broadcast(Lanes.SPECIES, -0.284496736f));
        p = p.fma(t, FloatVector.broadcast(Lanes.SPECIES, 0.254829592f));
        FloatVector tail = p.mul(t).mul(bell).mul(0.5f);
        return one.sub(tail).blend(tail, v.compare(VectorOperators.LT, 0f));
    }

    /** dx = dy slope. */
    static void backward(FloatBuffer dy, FloatBuffer slope, FloatBuffer dx, int length) {
        Parallel.run((length + BLOCK - 1) / BLOCK, 8, (from, to) -> {
            float[][] scratch = SCRATCH.get();
            for (int block = from; block < to; block++) {
                int start = block * BLOCK;
                int count = Math.min(BLOCK, length - start);
                dy.get(start, scratch[0], 0, count);
                slope.get(start, scratch[1], 0, count);
                multiply(scratch[0], scratch[1], count);
                dx.put(start, scratch[0], 0, count);
            }
        });
    }

    private static void multiply(float[] x, float[] by, int count) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.SPECIES, x, i)
                    .mul(FloatVector.fromArray(Lanes.SPECIES, by, i))
                    .intoArray(x, i);
        }
    }
}
