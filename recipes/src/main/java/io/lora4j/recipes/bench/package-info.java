/**
 * What one step costs: one configuration timed, as {@code lora4j bench} prints it, and the same in turn with another program.
 *
 * <p>Workflow: {@link io.lora4j.recipes.bench.BenchConfig} says what is timed; {@link io.lora4j.recipes.bench.StepBench} builds an encoder of
 * that shape with random weights and runs the training loop, the gradient estimator or inference that runs use, giving {@link
 * io.lora4j.recipes.bench.BenchResult}. {@link io.lora4j.recipes.bench.DataBenchConfig} says the same for real data: {@link
 * io.lora4j.recipes.bench.EpochBench} times epochs of a run, {@link io.lora4j.recipes.bench.InferenceBench} passes over a dev set. {@link io.lora4j.recipes.bench.PairedRounds} alternates it with a program that prints the same keys.
 */
@NullMarked
package io.lora4j.recipes.bench;

import org.jspecify.annotations.NullMarked;
