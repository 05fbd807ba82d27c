/**
 * Adapters in the file format of Hugging Face PEFT, so that what was trained here runs in Python.
 *
 * <p>{@link io.lora4j.models.peft.PeftAdapter} is what a trained model exports: factors, head and settings in this project's
 * orientation, made relative to the untouched base where an initialiser had shifted it. {@link
 * io.lora4j.models.peft.PeftAdapterWriter} is the one place that knows PEFT's names and transposes.
 */
@NullMarked
package io.lora4j.models.peft;

import org.jspecify.annotations.NullMarked;
