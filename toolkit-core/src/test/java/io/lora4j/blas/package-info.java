/** Tests of the choice of the matrix library. */
@NullMarked
package io.lora4j.blas;

import org.jspecify.annotations.NullMarked;
