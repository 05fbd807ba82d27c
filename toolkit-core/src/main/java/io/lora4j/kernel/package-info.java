/**
 * The numerical kernels of a transformer encoder on packed rows.
 *
 * <p>A batch of B sequences of different lengths is N rows, one per real token, in order of the sequences: {@link
 * io.lora4j.kernel.PackedLayout} says which row belongs where. {@link io.lora4j.kernel.EncoderKernels} holds what is more than one
 * ND4J call on such rows, forward and backward: GELU, layer normalisation, multi-head self-attention, embedding look-up,
 * softmax, and the gradients of normalisation's and embeddings' parameters.
 *
 * {@link io.lora4j.kernel.LowRankKernels} are the adapters' thin products, {@link io.lora4j.kernel.OptimizerKernels} AdamW's step.
 *
 * <p>Workflow: the caller allocates results (and what the backward pass needs) where they have to live, row-major, and calls the
 * kernel; temporaries of the kernel come from the caller's current ND4J workspace. {@link
 * io.lora4j.kernel.EncoderKernels#get()} is the only place that chooses an implementation: today {@link
 * io.lora4j.kernel.Nd4jKernels}, composed of ND4J operations and so the same on every backend.
 */
@NullMarked
package io.lora4j.kernel;

import org.jspecify.annotations.NullMarked;
