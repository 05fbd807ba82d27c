package io.lora4j.kernel.vector;

import io.lora4j.kernel.LowRankKernels;
import io.lora4j.kernel.Nd4jLowRank;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link LowRankKernels} with the Vector API, for float32 arrays without gaps on a CPU and ranks up to {@link #GREATEST_RANK}; everything else
 * goes to {@link Nd4jLowRank}, whose results are the same up to rounding. Stateless but for each thread's scratch arrays.
 */
public final class VectorLowRank implements LowRankKernels {
    /** Above it a general matrix product is as fast: there is enough to do for every row it packs. */
    private static final int GREATEST_RANK = 64;

    private final LowRankKernels others = Nd4jLowRank.INSTANCE;

    /** For {@link LowRankKernels#get()}, which loads this class by name. */
    public VectorLowRank() {}

    private static boolean rows(INDArray... arrays) {
        for (INDArray array : arrays) {
            if (!Floats.direct(array)) {
                return false;
            }
        }
        return true;
    }

    /** Column-major without gaps, and of a rank that is worth it. */
    private static boolean factor(INDArray array, long rank) {
        return rank <= GREATEST_RANK && Floats.columnMajor(array);
    }

    @Override
    public void project(INDArray x, INDArray a, INDArray t) {
        if (rows(x, t) && factor(a, a.size(1))) {
            LowRankKernel.project(Floats.of(x), LowRankFactor.columnsOf(a), Floats.of(t), (int) x.size(0));
        } else {
            others.project(x, a, t);
        }
    }

    @Override
    public void expand(INDArray t, INDArray b, double scale, @Nullable INDArray bias, INDArray z) {
        if (rows(t, z) && factor(b, b.size(0)) && (bias == null || Floats.direct(bias))) {
            LowRankKernel.expand(
                    Floats.of(t),
                    LowRankFactor.rowsOf(b, (float) scale),
                    bias == null ? null : Floats.of(bias),
                    Floats.of(z),
                    (int) z.size(0));
        } else {
            others.expand(t, b, scale, bias, z);
        }
    }

    @Override
    public void addBias(INDArray bias, INDArray z) {
        if (rows(bias, z)) {
            LowRankKernel.addBias(Floats.of(bias), Floats.of(z), (int) z.size(0), (int) z.size(1));
        } else {
            others.addBias(bias, z);
        }
    }

    @Override
    public void backwardB(INDArray t, INDArray delta, INDArray b, double scale, INDArray dB, INDArray u) {
        long rank = b.size(0);
        if (rows(t, delta, u) && factor(b, rank) && factor(dB, rank)) {
            float[] sums = LowRankKernel.backwardB(
                    Floats.of(t), Floats.of(delta), LowRankFactor.transposedOf(b, (float) scale), Floats.of(u), (int)
                            delta.size(0));
            LowRankFactor.writeRows(sums, (float) scale, dB);
        } else {
            others.backwardB(t, delta, b, scale, dB, u);
        }
    }

    @Override
    public void backwardA(INDArray x, INDArray u, INDArray a, INDArray dA, @Nullable INDArray dx) {
        long rank = a.size(1);
        if (rows(x, u) && factor(a, rank) && factor(dA, rank) && (dx == null || Floats.direct(dx))) {
            float[] sums = LowRankKernel.backwardA(
                    Floats.of(x),
                    Floats.of(u),
                    LowRankFactor.transposedOf(a, 1f),
                    dx == null ? null : Floats.of(dx),
                    (int) x.size(0));
            LowRankFactor.writeColumns(sums, dA);
        } else {
            others.backwardA(x, u, a, dA, dx);
        }
    }
}
