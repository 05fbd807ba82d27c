/**
 * {@link io.lora4j.kernel.EncoderKernels} on the arrays' memory, with the Vector API: what the CPU computes when the module {@code
 * jdk.incubator.vector} is there.
 *
 * <p>Every kernel copies a block of at most a few thousand floats from the array into a Java array, computes there with whole vectors
 * (scratch arrays are padded, so there are no masks), and copies the result back; that is what runs unchanged on JDK 17 to 25, whose
 * memory access differs. Work is split over rows, or over the heads of attention, between the calling thread and Java's common pool. Methods
 * are kept small: one that grows too large silently stops being compiled to vector instructions.
 *
 * <p>The package is compiled by an execution of its own, because the incubator's warning cannot be suppressed; {@code
 * EncoderKernels.get()} loads it by name.
 */
@NullMarked
package io.lora4j.kernel.vector;

import org.jspecify.annotations.NullMarked;
