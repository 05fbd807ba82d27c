/** Metrics of a classifier's predictions. */
@NullMarked
package io.lora4j.eval;

import org.jspecify.annotations.NullMarked;
