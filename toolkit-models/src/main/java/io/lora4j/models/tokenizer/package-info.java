/**
 * Text to token ids.
 *
 * <p>{@link io.lora4j.models.tokenizer.TextTokenizer} runs Hugging Face's own tokenizer library on a model's {@code
 * tokenizer.json}; truncation is done here, padding is never done: batches are packed.
 */
@NullMarked
package io.lora4j.models.tokenizer;

import org.jspecify.annotations.NullMarked;
