/** Kernels against plain loops in float64 and against numeric gradients. */
@NullMarked
package io.lora4j.kernel;

import org.jspecify.annotations.NullMarked;
