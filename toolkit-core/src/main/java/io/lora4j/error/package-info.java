/**
 * The failures that a program built on LoRA4J can tell apart.
 *
 * <p>{@link io.lora4j.error.UserException} and its kinds carry a message that is ready to be shown to the person who
 * caused them (what, where, the limit, the next command); nobody shows a stack trace for them. {@link
 * io.lora4j.error.DivergedException} says that training met a NaN or an infinity. Everything else ({@code Illegal*}) is a
 * programmer's fault. {@link io.lora4j.error.Suggestions} completes messages about misspelt names.
 */
@NullMarked
package io.lora4j.error;

import org.jspecify.annotations.NullMarked;
