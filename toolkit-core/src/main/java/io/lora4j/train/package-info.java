/**
 * The training loop: optimiser steps over micro-batches, schedules counted in optimiser steps, clipping, random streams.
 *
 * <p>{@link io.lora4j.train.BatchSource} yields steps, {@code Trainer} runs them on a {@code ComputationGraph} whose layers carry
 * their own updaters, and a listener hears every step. One seed per run, split by {@link io.lora4j.train.RandomStreams}.
 */
@NullMarked
package io.lora4j.train;

import org.jspecify.annotations.NullMarked;
