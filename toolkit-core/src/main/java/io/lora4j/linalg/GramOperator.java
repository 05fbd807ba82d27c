package io.lora4j.linalg;

import io.lora4j.kernel.LowRankKernels;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Products of a float32 matrix X [m, n] and of X^T X with a block of b columns, in arrays that are made once. Not thread-safe. */
final class GramOperator {
    /** From here on the thin products' own kernels are faster than a general matrix product, which packs X anew for b columns of result. */
    private static final long LARGE = 1L << 20;

    private final INDArray x;
    private final boolean kernels;
    private final boolean rowMajor;
    private final INDArray image;

    /**
     * @param x [m, n], float32; read, never written
     * @param block b
     */
    GramOperator(INDArray x, int block) {
        boolean byRows = x.ordering() == 'c';
        this.x = x.elementWiseStride() == 1 ? x : x.dup(x.ordering());
        this.rowMajor = byRows;
        this.kernels = x.length() >= LARGE;
        this.image = block(x.size(0), block, byRows ? 'c' : 'f');
    }

    /** A block for this side of X, its contents undefined: [n, b] in the order that the products like best. */
    INDArray newBlock() {
        return block(x.size(1), image.size(1), rowMajor ? 'f' : 'c');
    }

    private static INDArray block(long rows, long columns, char order) {
        return Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, columns}, order);
    }

    /**
     * X V.
     *
     * @param v [n, b] of {@link #newBlock}'s order
     * @return [m, b], valid until the next call
     */
    INDArray times(INDArray v) {
        if (!kernels) {
            return Nd4j.gemm(x, v, image, false, false, 1.0, 0.0);
        }
        if (rowMajor) {
            LowRankKernels.get().project(x, v, image);
        } else {
            LowRankKernels.get().backwardA(x.transpose(), v, image, image, null);
        }
        return image;
    }

    /**
     * result := factor X^T X v + remainder result.
     *
     * @param v [n, b] of {@link #newBlock}'s order
     * @param result another such block
     */
    void apply(INDArray v, double factor, double remainder, INDArray result) {
        INDArray y = times(v);
        if (!kernels) {
            Nd4j.gemm(x, y, result, true, false, factor, remainder);
            return;
        }
        INDArray product = remainder == 0 ? result : newBlock();
        if (rowMajor) {
            LowRankKernels.get().backwardA(x, y, result, product, null);
        } else {
            LowRankKernels.get().project(x.transpose(), y, product);
        }
        if (factor != 1) {
            product.muli(factor);
        }
        if (remainder != 0) {
            result.muli(remainder).addi(product);
        }
    }
}
