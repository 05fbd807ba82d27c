package io.lora4j.kernel;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@link LowRankKernels} as matrix products of ND4J: every backend, every data type. Stateless and thread-safe. */
public final class Nd4jLowRank implements LowRankKernels {
    /** The only instance that is needed. */
    public static final Nd4jLowRank INSTANCE = new Nd4jLowRank();

    private Nd4jLowRank() {}

    @Override
    public void project(INDArray x, INDArray a, INDArray t) {
        Nd4j.gemm(x, a, t, false, false, 1.0, 0.0);
    }

    @Override
    public void expand(INDArray t, INDArray b, double scale, @Nullable INDArray bias, INDArray z) {
        Nd4j.gemm(t, b, z, false, false, scale, 1.0);
        if (bias != null) {
            addBias(bias, z);
        }
    }

    @Override
    public void addBias(INDArray bias, INDArray z) {
        z.addiRowVector(bias);
    }

    @Override
    public void backwardB(INDArray t, INDArray delta, INDArray b, double scale, INDArray dB, INDArray u) {
        Nd4j.gemm(t, delta, dB, true, false, scale, 0.0);
        Nd4j.gemm(delta, b, u, false, true, scale, 0.0);
    }

    @Override
    public void backwardA(INDArray x, INDArray u, INDArray a, INDArray dA, @Nullable INDArray dx) {
        Nd4j.gemm(x, u, dA, true, false, 1.0, 0.0);
        if (dx != null) {
            Nd4j.gemm(u, a, dx, false, true, 1.0, 1.0);
        }
    }
}
