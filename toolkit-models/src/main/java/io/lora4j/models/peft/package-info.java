/**
 * Adapters in the file format of Hugging Face PEFT: what was trained here runs in Python, and the other way round.
 *
 * <p>{@link io.lora4j.models.peft.PeftAdapter} is an adapter relative to an untouched base, in this project's orientation. Out: {@code
 * PeftAdapter.of(model, base, start)}, then {@link io.lora4j.models.peft.PeftAdapterWriter}. In: {@link
 * io.lora4j.models.peft.PeftAdapterReader}, then {@link io.lora4j.models.peft.PeftModel}, which puts it over a base. Reader and writer are
 * the only places that transpose, {@code PeftNames} the only one that knows PEFT's names.
 */
@NullMarked
package io.lora4j.models.peft;

import org.jspecify.annotations.NullMarked;
