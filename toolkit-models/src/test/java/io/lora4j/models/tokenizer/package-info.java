/** Tests of the tokenizer. */
@NullMarked
package io.lora4j.models.tokenizer;

import org.jspecify.annotations.NullMarked;
