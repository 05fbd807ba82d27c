/**
 * Pre-trained encoders by name: where they come from, where they are kept, and what a loaded one is.
 *
 * <p>The workflow: {@link io.lora4j.models.ModelStore#load} takes a short name or a folder, imports a known model into the cache on
 * first use ({@link io.lora4j.models.onnx}), checks and reads the folder ({@link io.lora4j.models.checkpoint}) and returns a {@link
 * io.lora4j.models.PretrainedModel}: configuration, frozen weights and tokenizer.
 */
@NullMarked
package io.lora4j.models;

import org.jspecify.annotations.NullMarked;
