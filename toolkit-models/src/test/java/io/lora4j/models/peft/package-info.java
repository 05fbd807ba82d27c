/** Tests of the adapter files. */
@NullMarked
package io.lora4j.models.peft;

import org.jspecify.annotations.NullMarked;
