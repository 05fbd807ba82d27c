/**
 * Optimisers and schedules in the form their papers and PyTorch define, as DL4J updaters.
 *
 * <p>The workflow: an {@link io.lora4j.optim.AdamW} with a rate or a schedule ({@link io.lora4j.optim.LinearWarmupSchedule},
 * {@link io.lora4j.optim.CosineWarmupSchedule}), a weight decay and a {@link io.lora4j.optim.ParameterGroups} (one rate for all,
 * or LoRA+) make a {@link io.lora4j.optim.GroupedOptimizer}; applied to a network's configuration it gives every trainable
 * parameter its updater and its regularisation. Schedules count optimiser steps: DL4J's iteration, which a trainer that
 * accumulates gradients advances once per step.
 */
@NullMarked
package io.lora4j.optim;

import org.jspecify.annotations.NullMarked;
