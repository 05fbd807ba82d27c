package io.lora4j.linalg;

/** How much of a matrix's leading singular triplets is wanted: each costs several times the one before it. */
public enum Accuracy {
    /**
     * As {@code torch.svd_lowrank} with q = 2k and niter = 4, and no worse: the rank-k approximation is within about 1e-6 of the best one, the
     * vectors are orthonormal to float32's accuracy. Nothing is checked.
     */
    FAST,
    /**
     * Singular values to 1e-5 of their size (those below 1e-7 of the largest to 1e-12 of it), checked by the residuals of the triplets in
     * float64; vectors orthonormal to 1e-12.
     */
    PRECISE,
    /** What LAPACK's {@code gesvd} gives: errors of a few rounding units of the largest singular value, vectors orthonormal to 1e-13. */
    EXACT
}
