/**
 * The families of encoders that LoRA4J knows, one class each.
 *
 * <p>{@link io.lora4j.models.family.EncoderFamilies} reads a Hugging Face {@code config.json} and finds the family by its {@code
 * model_type}. A family ({@link io.lora4j.models.encoder.EncoderFamily}) translates the file's keys, says its layers and its head to an {@link
 * io.lora4j.models.encoder.EncoderBuilder} under Hugging Face's module names, and names the linear layers that adapters usually go to.
 *
 * <p>To add one: a class here, a line in the list of {@code EncoderFamilies}, and a tiny random checkpoint with expected values for its
 * golden test.
 */
@NullMarked
package io.lora4j.models.family;

import org.jspecify.annotations.NullMarked;
