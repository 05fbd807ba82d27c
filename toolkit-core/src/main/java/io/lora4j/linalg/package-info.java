/**
 * Linear algebra that ND4J lacks or gets wrong, in float64 and without NaN.
 *
 * <p>{@link io.lora4j.linalg.TruncatedSvd} takes any finite matrix and gives its leading singular triplets as an {@link
 * io.lora4j.linalg.Svd}, with signs fixed by a rule so that two runs and two platforms agree. Initialisers are its users.
 */
@NullMarked
package io.lora4j.linalg;

import org.jspecify.annotations.NullMarked;
