package io.lora4j.recipes.diagnostics;

/**
 * Principal angles between a layer's adapter and the leading singular directions of its gradient G = U S V^T, as many of them as the adapter has
 * rank. Owns its arrays; treat them as read-only.
 *
 * @param input between the columns of A and those of U, in the layer's input space; degrees, ascending; empty if A is zero
 * @param output between the rows of B and the columns of V, in the layer's output space; degrees, ascending; empty if B is zero, as it is at the
 *     start of plain LoRA
 */
@SuppressWarnings("ArrayRecordComponent") // a value carrier that is never compared
public record LayerAngles(double[] input, double[] output) {}
