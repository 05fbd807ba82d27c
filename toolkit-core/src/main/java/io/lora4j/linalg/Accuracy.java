package io.lora4j.linalg;

/** How much of a matrix's leading singular triplets is wanted: each costs several times the one before it. */
public enum Accuracy {
    /**
     * As {@code torch.svd_lowrank} with q = 2k and niter = 4, and no worse: the rank-k approximation of a matrix whose singular
     * values fall as gradients' do is within about 1e-6 of the best one. Nothing is checked.
     */
    FAST,
    /**
     * Singular values to 1e-5 of their size and a rank-k approximation within 1e-4 of the best one, checked by the triplets' residuals; what is
     * below 1e-7 of the largest singular value of a float32 matrix, its rounding, is only known to be that small. Vectors are orthonormal to
     * 1e-12, u belongs to s v to about 1e-6 of the largest singular value.
     */
    PRECISE,
    /** What LAPACK's {@code gesvd} gives: errors of a few rounding units of the largest singular value, vectors orthonormal to 1e-13. */
    EXACT
}
