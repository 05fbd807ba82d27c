/**
 * Finished runs, read back from their run directories: the one form from which tables, comparisons and reports are made.
 *
 * <p>{@link io.lora4j.recipes.results.RunFolders} finds run directories below folders, studies included; {@link
 * io.lora4j.recipes.results.RunReader} reads one into {@link io.lora4j.recipes.results.RunResults}: its recipe, {@link
 * io.lora4j.recipes.results.RunProvenance}, and a {@link io.lora4j.recipes.results.TrialRecord} for every finished or diverged trial. {@code
 * recipe.yaml}, {@code provenance.json} and the trials' {@code result.json} are enough; predictions and curves are read when they are asked for,
 * where their files are there. {@link io.lora4j.recipes.results.RunIdentity} says what a run's results depend on beside the method.
 *
 * <p>Nothing here writes, or needs a model or a task's files. A damaged or foreign file is a {@link io.lora4j.error.FormatException} with its path.
 */
@NullMarked
package io.lora4j.recipes.results;

import org.jspecify.annotations.NullMarked;
