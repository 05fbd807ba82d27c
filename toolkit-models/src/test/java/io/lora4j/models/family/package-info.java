/** Tests of the encoder families. */
@NullMarked
package io.lora4j.models.family;

import org.jspecify.annotations.NullMarked;
