package io.lora4j.kernel.vector;

import java.nio.FloatBuffer;
import jdk.incubator.vector.FloatVector;

/** Decoupled weight decay in one pass; formula in {@link io.lora4j.kernel.OptimizerKernels#decay}. */
final class DecayKernel {
    private static final int BLOCK = 2048;
    /** Blocks that are worth a thread of their own. */
    private static final int GRAIN = 16;

    private static final ThreadLocal<float[][]> SCRATCH = ThreadLocal.withInitial(() -> new float[2][BLOCK]);

    private DecayKernel() {}

    /** Adds factor times the parameters to the update. */
    static void run(FloatBuffer update, FloatBuffer parameters, float factor, int length) {
        Parallel.run((length + BLOCK - 1) / BLOCK, GRAIN, (from, to) -> {
            float[] u = SCRATCH.get()[0];
            float[] w = SCRATCH.get()[1];
            for (int block = from; block < to; block++) {
                int start = block * BLOCK;
                int count = Math.min(BLOCK, length - start);
                update.get(start, u, 0, count);
                parameters.get(start, w, 0, count);
                // What is behind the count is computed too and read by nobody.
                for (int i = 0; i < count; i += Lanes.COUNT) {
                    FloatVector.fromArray(Lanes.SPECIES, w, i)
                            .mul(factor)
                            .add(FloatVector.fromArray(Lanes.SPECIES, u, i))
                            .intoArray(u, i);
                }
                update.put(start, u, 0, count);
            }
        });
    }
}
