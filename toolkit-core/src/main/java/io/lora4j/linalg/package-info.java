/**
 * Linear algebra that ND4J lacks or gets wrong, in float64 and without NaN.
 *
 * <p>{@link io.lora4j.linalg.TruncatedSvd} takes any finite matrix and gives its leading singular triplets as an {@link
 * io.lora4j.linalg.Svd}, as accurately as {@link io.lora4j.linalg.Accuracy} says, with signs fixed by a rule so that two runs and two platforms agree; {@link io.lora4j.linalg.LeadingQr} is the
 * leading part of a QR decomposition. Initialisers are their users. {@link io.lora4j.linalg.Spectrum} has all singular values and the ranks that
 * they speak of, {@link io.lora4j.linalg.PrincipalAngles} the angles between subspaces. {@link io.lora4j.linalg.SymmetricEigen} inverts the small Gram
 * matrices of preconditioners.
 */
@NullMarked
package io.lora4j.linalg;

import org.jspecify.annotations.NullMarked;
