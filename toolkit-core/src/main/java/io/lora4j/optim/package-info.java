/**
 * Optimisers and schedules in the form their papers and PyTorch define, as DL4J updaters.
 *
 * <p>The workflow: an {@link io.lora4j.optim.AdamW} with a rate or a schedule ({@link io.lora4j.optim.LinearWarmupSchedule},
 * {@link io.lora4j.optim.CosineWarmupSchedule}, {@link io.lora4j.optim.ConstantWarmupSchedule}), a weight decay and a {@link io.lora4j.optim.ParameterGroups} (one rate for all,
 * or LoRA+) make a {@link io.lora4j.optim.GroupedOptimizer}; applied to a network's configuration it gives every trainable
 * parameter its updater and its regularisation. Schedules count optimiser steps: DL4J's iteration, which a trainer that
 * accumulates gradients advances once per step.
 *
 * <p>Methods that change the gradient or the step itself are {@link io.lora4j.train.UpdateRule}s for the trainer: {@link
 * io.lora4j.optim.RiemannianPreconditioner} and {@link io.lora4j.optim.AuthorsScaledAdamW} (P-LoRA), {@link io.lora4j.optim.LoraFa}, {@link
 * io.lora4j.optim.LoraPro}. They pair the factors of an adapter by its layer and leave all other parameters to the layers' updaters.
 * {@link io.lora4j.optim.OneStepUpdate} is gradient descent that stops after one step.
 */
@NullMarked
package io.lora4j.optim;

import org.jspecify.annotations.NullMarked;
