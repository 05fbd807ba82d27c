/** The BERT graph against golden values, numeric gradients and its own invariants. */
@NullMarked
package io.lora4j.models.encoder;

import org.jspecify.annotations.NullMarked;
