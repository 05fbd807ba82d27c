/**
 * Tasks on texts: from files to batches. An example's target is a class or, for STS-B, a score; batches are of classes.
 *
 * <p>The way of the data:
 *
 * <ol>
 *   <li>A {@link io.lora4j.datasets.TaskSpec} says which files a task has and what their columns mean. {@link
 *       io.lora4j.datasets.GlueTask} holds those of the GLUE benchmark, {@link io.lora4j.datasets.BundledTask} those that
 *       come with this module, and a user writes others in a recipe.
 *   <li>{@link io.lora4j.datasets.TaskReader} reads them through DataVec record readers into a {@link
 *       io.lora4j.datasets.TaskData}, and stops at the first fault with a {@link io.lora4j.datasets.DataException} that names
 *       file and line.
 *   <li>{@link io.lora4j.datasets.TokenCache} turns texts into token ids, once per text, tokenizer and length.
 *   <li>{@link io.lora4j.datasets.LengthGroupedBatches} (training), {@link io.lora4j.datasets.EvaluationBatches} and {@link
 *       io.lora4j.datasets.ExampleSample} (gradient estimates) cut them into batches, which {@link
 *       io.lora4j.datasets.PackedBatch} lays out as arrays.
 * </ol>
 *
 * <p>GLUE's leaderboard: {@link io.lora4j.datasets.GlueTest} reads its test files and knows the words of predictions, {@link
 * io.lora4j.datasets.GlueScore} is its average. What the published files contain is in {@link io.lora4j.datasets.GlueFiles}, against which
 * {@link io.lora4j.datasets.GlueCheck} holds a folder; {@link io.lora4j.datasets.DataSummary} describes rows.
 *
 * <p>Everything here is deterministic: the same files, seed and settings give the same batches on every platform.
 */
@NullMarked
package io.lora4j.datasets;

import org.jspecify.annotations.NullMarked;
