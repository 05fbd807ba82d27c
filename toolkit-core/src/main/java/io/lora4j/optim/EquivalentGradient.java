package io.lora4j.optim;

import io.lora4j.linalg.SymmetricEigen;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * LoRA-Pro's geometry at one pair of factors: how steps of A and B move W, and the steps that move it closest to a wanted gradient
 * (Wang et al., LoRA-Pro, ICLR 2025, arXiv 2407.18242, section 2).
 *
 * <p>A change (dA, dB) of the factors moves the effective weight by s (dA B + A dB), the equivalent gradient. Of gradients that came
 * through the factors, gA = s G B^T and gB = s A^T G, the closest equivalent gradient to G is reached by
 *
 * <pre>  dA = gA P^-1 / s^2 + A X,   dB = Q^-1 gB (I - B^T P^-1 B) / s^2 - X B,   P = B B^T,  Q = A^T A</pre>
 *
 * for any X [r, r], which does not change it. X solves Q X + X P = -A^T gA P^-1 / s^2, so that dA and dB are as close to gA and gB as
 * they can be. The inverses are damped; the Sylvester equation is not, as in the published code. All in float64.
 */
final class EquivalentGradient {
    private final INDArray a;
    private final INDArray b;
    private final double s;
    private final SymmetricEigen gramOfA;
    private final SymmetricEigen gramOfB;
    private final INDArray inverseOfA;
    private final INDArray inverseOfB;

    /** A step of A, [in, r], and of B, [r, out], in float64. */
    record Steps(INDArray ofA, INDArray ofB) {}

    EquivalentGradient(
            INDArray a, INDArray b, double s, SymmetricEigen gramOfA, SymmetricEigen gramOfB, double damping) {
        this.a = a.castTo(DataType.DOUBLE);
        this.b = b.castTo(DataType.DOUBLE);
        this.s = s;
        this.gramOfA = gramOfA;
        this.gramOfB = gramOfB;
        this.inverseOfA = gramOfA.inverse(damping);
        this.inverseOfB = gramOfB.inverse(damping);
    }

    /** The steps at X = 0: they have the same equivalent gradient as those of {@link #adjusted}. */
    Steps projected(INDArray gradA, INDArray gradB) {
        INDArray ofA = gradA.castTo(DataType.DOUBLE).mmul(inverseOfB).divi(s * s);
        INDArray y = inverseOfA.mmul(gradB.castTo(DataType.DOUBLE)).divi(s * s);
        // Y (I - B^T P^-1 B) without the [out, out] projector.
        INDArray ofB = y.sub(y.mmul(b.transpose()).mmul(inverseOfB).mmul(b));
        return new Steps(ofA, ofB);
    }

    /** The steps closest to the gradients themselves. */
    Steps adjusted(INDArray gradA, INDArray gradB) {
        Steps projected = projected(gradA, gradB);
        INDArray x = shiftBetweenFactors(projected.ofA());
        return new Steps(projected.ofA().addi(a.mmul(x)), projected.ofB().subi(x.mmul(b)));
    }

    /** X, [r, r]. */
    INDArray shiftBetweenFactors(INDArray projectedOfA) {
        return gramOfA.solveSylvester(gramOfB, a.transpose().mmul(projectedOfA).negi());
    }

    /** s (dA B + A dB), [in, out], in float64. */
    INDArray of(Steps steps) {
        return steps.ofA().mmul(b).addi(a.mmul(steps.ofB())).muli(s);
    }

    /** The gradients of A and B that a gradient g of W, [in, out], gives: s g B^T and s A^T g. */
    Steps throughFactors(INDArray g) {
        return new Steps(g.mmul(b.transpose()).muli(s), a.transpose().mmul(g).muli(s));
    }
}
