package io.lora4j.adapter;

import java.util.Objects;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * DoRA's column scale of one layer: c = m / |V| with V = W + s A B [in, out], m and c [1, out], |V| the norms of V's columns.
 *
 * <p>The layer's product becomes c (x V). With delta = dL/dz and v = x V: dm = sum over rows of delta v / |V|; everything before the scale
 * sees c delta, because |V| is a constant in the backward pass. Source: Liu et al., arXiv 2402.09353, equation 5 and section 4.3;
 * huggingface/peft {@code tuners/lora/dora.py}.
 *
 * <p>The norms are taken without forming V: |V_j|^2 = |W_j|^2 + 2 s B_j . (A^T W)_j + s^2 B_j . (A^T A) B_j, which costs in x out x r
 * operations and r x out values. A column of norm 0 has c = 0 where PEFT divides by zero.
 */
final class DoraScale {
    private static final double SMALLEST_NORM = 1e-30;

    private @Nullable INDArray squaresOf;
    private @Nullable INDArray squares;
    private @Nullable INDArray norms;
    private @Nullable INDArray ratio;
    private @Nullable INDArray product;
    private @Nullable INDArray unscaled;

    /**
     * The norms of the columns of V.
     *
     * @param w W, [in, out]
     * @param a A, [in, r]
     * @param b B, [r, out]
     * @param s the adapter's factor
     * @return [1, out], a new array
     */
    static INDArray columnNorms(INDArray w, INDArray a, INDArray b, double s) {
        return norms(squares(w), w, a, b, s);
    }

    private static INDArray squares(INDArray w) {
        INDArray norms = w.norm2(true, 0);
        return norms.muli(norms);
    }

    private static INDArray norms(INDArray squares, INDArray w, INDArray a, INDArray b, double s) {
        INDArray cross = Nd4j.createUninitialized(b.dataType(), b.shape(), 'c');
        Nd4j.gemm(a, w, cross, true, false, 2 * s, 0.0);
        INDArray gram = Nd4j.createUninitialized(a.dataType(), new long[] {a.size(1), a.size(1)}, 'c');
        Nd4j.gemm(a, a, gram, true, false, s * s, 0.0);
        Nd4j.gemm(gram, b, cross, false, false, 1.0, 1.0);
        INDArray sum = cross.muli(b).sum(true, 0).addi(squares);
        // Rounding may leave a norm of nearly zero below it.
        return Transforms.sqrt(Transforms.max(sum, 0.0, false), false);
    }

    /**
     * c = m / |V|.
     *
     * @param magnitude m, [1, out]
     * @param norms |V|, [1, out]
     * @return [1, out], a new array
     */
    static INDArray ratio(INDArray magnitude, INDArray norms) {
        return magnitude.div(Transforms.max(norms, SMALLEST_NORM, true));
    }

    /**
     * Takes the norms and c for the coming pass.
     *
     * @param w W, [in, out]
     * @param a A, [in, r]
     * @param b B, [r, out]
     * @param s the adapter's factor
     * @param magnitude m, [1, out]
     */
    @SuppressWarnings("try") // the scope is held, not used
    void measure(INDArray w, INDArray a, INDArray b, double s, INDArray magnitude) {
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            INDArray known = squares;
            if (known == null || squaresOf != w) {
                known = squares(w);
                squares = known;
                squaresOf = w;
            }
            INDArray measured = norms(known, w, a, b, s);
            norms = measured;
            ratio = ratio(magnitude, measured);
        }
    }

    /**
     * v := c v.
     *
     * @param v x V, [N, out]; is changed
     * @param training whether v is kept for the backward pass
     * @param workspaceMgr where it is kept
     */
    void apply(INDArray v, boolean training, LayerWorkspaceMgr workspaceMgr) {
        product = training ? workspaceMgr.dup(ArrayType.ACTIVATIONS, v, 'c') : null;
        v.muliRowVector(known(ratio));
    }

    /**
     * dm = sum over rows of delta v / |V|.
     *
     * @param delta dL/dz, [N, out]; read only
     * @param gradient [1, out]; is overwritten
     * @param workspaceMgr where a temporary goes
     */
    void magnitudeGradient(INDArray delta, INDArray gradient, LayerWorkspaceMgr workspaceMgr) {
        INDArray v = known(product);
        INDArray both = workspaceMgr.createUninitialized(ArrayType.BP_WORKING_MEM, v.dataType(), v.shape(), 'c');
        delta.muli(v, both);
        gradient.assign(both.sum(true, 0).divi(Transforms.max(known(norms), SMALLEST_NORM, true)));
    }

    /**
     * c delta.
     *
     * @param delta dL/dz, [N, out]; read only
     * @param workspaceMgr where the result goes
     * @return [N, out]
     */
    INDArray scale(INDArray delta, LayerWorkspaceMgr workspaceMgr) {
        unscaled = delta;
        return workspaceMgr.dup(ArrayType.BP_WORKING_MEM, delta, 'c').muliRowVector(known(ratio));
    }

    /**
     * c delta - delta, in the backward pass that {@link #scale} was called in.
     *
     * @param scaled c delta, [N, out]; read only
     * @param workspaceMgr where the result goes
     * @return [N, out]
     */
    INDArray excess(INDArray scaled, LayerWorkspaceMgr workspaceMgr) {
        return workspaceMgr.dup(ArrayType.BP_WORKING_MEM, scaled, 'c').subi(known(unscaled));
    }

    private static INDArray known(@Nullable INDArray array) {
        return Objects.requireNonNull(array, "backward pass without a forward pass in training mode");
    }

    /** Forgets the last pass; the norms of W are kept, which do not change. */
    void clear() {
        norms = null;
        ratio = null;
        product = null;
        unscaled = null;
    }
}
