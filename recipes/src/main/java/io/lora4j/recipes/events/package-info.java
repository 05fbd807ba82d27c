/**
 * TensorBoard's event files: curves of a running trial for a program that many have open anyway.
 *
 * <p>{@link io.lora4j.recipes.events.EventFile} appends scalars to one file; {@code io.lora4j.recipes.run.TensorBoardListener} writes one for each
 * trial. Summaries are the messages that ND4J brings ({@code org.tensorflow.framework.Summary}); records and events are framed here.
 */
@NullMarked
package io.lora4j.recipes.events;

import org.jspecify.annotations.NullMarked;
