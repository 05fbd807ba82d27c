package io.lora4j.linalg;

import io.lora4j.kernel.LowRankKernels;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Products of a float32 matrix X [m, n] and of X^T X with a block of columns, in arrays that are made once. Orders of memory are those that
 * measured fastest: a general matrix product wants blocks row-major beside a row-major X, the thin products' kernels their factor
 * column-major. Not thread-safe.
 */
final class GramOperator {
    /** From here on the thin products' kernels are faster than a general matrix product, which packs X anew for b columns of result. */
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
        this.x = x.elementWiseStride() == 1 ? x : x.dup('c');
        this.rowMajor = this.x.ordering() == 'c';
        this.kernels = x.length() >= LARGE;
        this.image = block(x.size(0), block, rowMajor || !kernels ? 'c' : 'f');
    }

    /** A block for this side of X, its contents undefined: [n, b]. */
    INDArray newBlock() {
        return newBlock(image.columns());
    }

    private INDArray newBlock(int columns) {
        return block(x.size(1), columns, kernels && rowMajor ? 'f' : 'c');
    }

    private static INDArray block(long rows, long columns, char order) {
        return Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, columns}, order);
    }

    /**
     * X V.
     *
     * @param v [n, b] as {@link #newBlock} makes it
     * @return [m, b], valid until the next call
     */
    INDArray times(INDArray v) {
        if (!kernels) {
            Nd4j.gemm(x, v, image, false, false, 1.0, 0.0);
        } else if (rowMajor) {
            LowRankKernels.get().project(x, v, image);
        } else {
            LowRankKernels.get().backwardA(x.transpose(), v, image, image, null);
        }
        return image;
    }

    /**
     * X^T U of any number of columns.
     *
     * @param u [m, k], of any floating-point type
     * @return a new array, [n, k], float32
     */
    INDArray transposeTimes(INDArray u) {
        INDArray y = block(u.rows(), u.columns(), image.ordering()).assign(u);
        INDArray result = newBlock(u.columns());
        transposeTimes(y, 1, 0, result);
        return result;
    }

    private void transposeTimes(INDArray y, double factor, double remainder, INDArray result) {
        if (!kernels) {
            Nd4j.gemm(x, y, result, true, false, factor, remainder);
            return;
        }
        INDArray product = remainder == 0 ? result : newBlock(y.columns());
        if (rowMajor) {
            LowRankKernels.get().backwardA(x, y, product, product, null);
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

    /**
     * result := factor X^T X v + remainder result.
     *
     * @param v [n, b] as {@link #newBlock} makes it
     * @param result another such block
     */
    void apply(INDArray v, double factor, double remainder, INDArray result) {
        transposeTimes(times(v), factor, remainder, result);
    }
}
