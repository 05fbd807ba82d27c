package io.lora4j.init;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What all initialisers share: checks, random draws, the shift and the report's figures. */
final class Factors {
    /** Singular values below this fraction of the largest count as zero: float32 gradients carry about 1e-7 of noise. */
    static final double DEAD = 1e-6;

    private Factors() {}

    /** Checks the context's shapes and gives the rank's limit, min(in, out). */
    static long check(InitContext context) {
        INDArray weight = context.weight();
        if (weight.rank() != 2) {
            throw new IllegalArgumentException("layer " + context.layer() + ": the weight is not a matrix");
        }
        long limit = Math.min(weight.size(0), weight.size(1));
        if (context.rank() < 1 || context.rank() > limit) {
            throw new IllegalArgumentException("layer " + context.layer() + ": rank " + context.rank()
                    + " is not in 1.." + limit + " for a weight [" + weight.size(0) + ", " + weight.size(1) + "]");
        }
        return limit;
    }

    /** The gradient, checked to be there and to have the weight's shape. */
    static INDArray gradientOf(InitContext context) {
        INDArray gradient = context.gradient();
        if (gradient == null) {
            throw new IllegalArgumentException("layer " + context.layer() + ": this initialiser needs the gradient");
        }
        if (!gradient.equalShapes(context.weight())) {
            throw new IllegalArgumentException("layer " + context.layer() + ": the gradient's shape "
                    + Arrays.toString(gradient.shape()) + " is not the weight's "
                    + Arrays.toString(context.weight().shape()));
        }
        return gradient;
    }

    /** n draws of U(-1/sqrt(in), 1/sqrt(in)). */
    static double[] kaiming(RandomGenerator random, int in, int n) {
        double bound = 1 / Math.sqrt(in);
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = (2 * random.nextDouble() - 1) * bound;
        }
        return values;
    }

    /** A of the plain start, [in, r] in float64, drawn row by row. */
    static INDArray kaimingA(InitContext context) {
        int in = context.weight().rows();
        double[] values = kaiming(context.random(), in, in * context.rank());
        return Nd4j.createFromArray(values).reshape('c', in, context.rank());
    }

    /** B of the plain start, [r, out] zeros in float64. */
    static INDArray zeroB(InitContext context) {
        return Nd4j.zeros(DataType.DOUBLE, context.rank(), context.weight().columns());
    }

    /** Independent draws of N(0, deviation^2), row by row, [rows, columns] in float64. */
    static INDArray gaussian(RandomGenerator random, int rows, int columns, double deviation) {
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = deviation * random.nextGaussian();
        }
        return Nd4j.createFromArray(values).reshape('c', rows, columns);
    }

    /** The report of an initialiser that uses no gradient and has nothing to remark. */
    static LayerInitReport plainReport(InitContext context, String name, double relativeUpdate) {
        return new LayerInitReport(
                context.layer(), name, context.rank(), null, null, null, relativeUpdate, null, 0, null);
    }

    /** |s A B|_F / |W|_F; infinite if only W is zero. */
    static double relativeUpdate(InitContext context, INDArray a, INDArray b) {
        // |A B|^2 = <A^T A, B B^T>: r x r products instead of an [in, out] matrix.
        INDArray left = gram(a.castTo(DataType.DOUBLE), true);
        INDArray right = gram(b.castTo(DataType.DOUBLE), false);
        double square = Math.max(left.mul(right).sumNumber().doubleValue(), 0);
        double update = context.scaling() * Math.sqrt(square);
        double weight = context.weight().castTo(DataType.DOUBLE).norm2Number().doubleValue();
        return update == 0 ? 0 : update / weight;
    }

    /** -s A B in the weight's type, from factors as they were rounded, so that it cancels what the layer will really add. */
    static INDArray shift(InitContext context, INDArray a, INDArray b) {
        INDArray product = a.castTo(DataType.DOUBLE).mmul(b.castTo(DataType.DOUBLE));
        return product.muli(-context.scaling()).castTo(context.weight().dataType());
    }

    private static INDArray gram(INDArray matrix, boolean ofColumns) {
        return ofColumns ? matrix.transpose().mmul(matrix) : matrix.mmul(matrix.transpose());
    }

    /** The plain LoRA start with a note on why a gradient initialiser took it. */
    static InitialAdapter plainStart(InitContext context, String name, @Nullable Double sigma1, String note) {
        DataType type = context.weight().dataType();
        LayerInitReport report = new LayerInitReport(
                context.layer(), name, context.rank(), sigma1, sigma1, sigma1, 0, null, context.rank(), note);
        return new InitialAdapter(kaimingA(context).castTo(type), zeroB(context).castTo(type), null, report);
    }
}
