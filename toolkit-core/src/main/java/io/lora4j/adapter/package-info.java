/**
 * Low-rank adapters as Deeplearning4j layers.
 *
 * <p>The workflow: describe a network whose pre-trained linear maps are {@link io.lora4j.adapter.FrozenLinear} layers, let
 * {@link io.lora4j.adapter.AdapterInjector} replace the targets of a {@link io.lora4j.adapter.LoraConfig} by {@link
 * io.lora4j.adapter.LoraLinear} layers, and bind the pre-trained arrays ({@link io.lora4j.adapter.FrozenWeights}) to the
 * initialised network. Frozen arrays live outside DL4J's parameter table: they have no gradient, no updater state and no
 * copy, and survive weight decay bit for bit.
 *
 * <p>Orientation everywhere: W [in, out], A [in, r], B [r, out], y = x (W + s A B) + b, rows are examples or tokens.
 */
@NullMarked
package io.lora4j.adapter;

import org.jspecify.annotations.NullMarked;
