/**
 * The library that computes matrix products: which one it is, and that it is the one that was asked for.
 *
 * <p>ND4J calls BLAS and LAPACK through JavaCPP's OpenBLAS bindings, which load Intel MKL under OpenBLAS's names if a system property says
 * so before the first use, and silently load OpenBLAS if MKL is not found. Workflow: the program reads the user's wish ({@link
 * io.lora4j.blas.BlasVendor#named}), lets {@link io.lora4j.blas.BlasLibrary#require} compare it with what the process has loaded before
 * anything is computed, and writes {@link io.lora4j.blas.BlasLibrary#inUse} into the provenance of a result.
 */
@NullMarked
package io.lora4j.blas;

import org.jspecify.annotations.NullMarked;
