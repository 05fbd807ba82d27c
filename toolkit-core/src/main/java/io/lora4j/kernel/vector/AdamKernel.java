package io.lora4j.kernel.vector;

import io.lora4j.kernel.OptimizerKernels.AdamStep;
import java.nio.FloatBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Adam's step in one pass over gradient and averages; formula in {@link io.lora4j.kernel.OptimizerKernels#adam}. */
final class AdamKernel {
    private static final int BLOCK = 2048;
    /** Blocks that are worth a thread of their own. */
    private static final int GRAIN = 8;

    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[3][BLOCK]);

    private final float beta1;
    private final float beta2;
    private final float epsilon;
    private final float size;

    AdamKernel(AdamStep step) {
        this.beta1 = (float) step.beta1();
        this.beta2 = (float) step.beta2();
        this.epsilon = (float) step.epsilon();
        double t = step.iteration() + 1.0;
        // From the rounded betas, as the averages have them, but not in float32: 1 - beta2^t would lose half its
        // digits.
        this.size = (float) (step.rate() * Math.sqrt(1 - Math.pow(beta2, t)) / (1 - Math.pow(beta1, t)));
    }

    /** Replaces the gradient by the update, and moves the averages. */
    void run(FloatBuffer gradient, FloatBuffer m, FloatBuffer v, int length) {
        Parallel.run((length + BLOCK - 1) / BLOCK, GRAIN, (from, to) -> {
            float[][] scratch = SCRATCH.get();
            for (int block = from; block < to; block++) {
                int start = block * BLOCK;
                int count = Math.min(BLOCK, length - start);
                gradient.get(start, scratch[0], 0, count);
                m.get(start, scratch[1], 0, count);
                v.get(start, scratch[2], 0, count);
                compute(scratch[0], scratch[1], scratch[2], count);
                gradient.put(start, scratch[0], 0, count);
                m.put(start, scratch[1], 0, count);
                v.put(start, scratch[2], 0, count);
            }
        });
    }

    /** What is behind the count is computed too and read by nobody. */
    private void compute(float[] gradient, float[] m, float[] v, int count) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector g = FloatVector.fromArray(Lanes.SPECIES, gradient, i);
            FloatVector newM =
                    FloatVector.fromArray(Lanes.SPECIES, m, i).mul(beta1).add(g.mul(1 - beta1));
            FloatVector newV = FloatVector.fromArray(Lanes.SPECIES, v, i)
                    .mul(beta2)
                    .add(g.mul(g).mul(1 - beta2));
            newM.intoArray(m, i);
            newV.intoArray(v, i);
            if (size == 0) {
                // Not 0 m / (...): an average may be infinite.
                FloatVector.zero(Lanes.SPECIES).intoArray(gradient, i);
            } else {
                newM.mul(size)
                        .div(newV.lanewise(VectorOperators.SQRT).add(epsilon))
                        .intoArray(gradient, i);
            }
        }
    }
}
