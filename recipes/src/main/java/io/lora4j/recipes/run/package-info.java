/**
 * Runs a recipe: every method at every rate with every seed, and a run directory that says what was done.
 *
 * <p>{@link io.lora4j.recipes.run.ComparisonRunner} loads model and data once, then trains and evaluates trial after trial; a {@link
 * io.lora4j.recipes.run.RunListener} hears of the progress. All trials of a seed share the classifier's initial weights, the order of
 * the batches, the dropout seeds and, where a method asks for it, one estimated gradient.
 *
 * <h2>The run directory</h2>
 *
 * <pre>
 * recipe.yaml          the recipe with every default; reads back to the same recipe
 * provenance.json      versions, machine, checksums of data and model, seeds
 * trials/NAME/         one folder per trial, NAME = METHOD-lrRATE-seedSEED; moved into place when it is complete
 *   metrics.jsonl      one JSON object per line: optimiser steps and evaluations; equal to the last byte for the same seed and machine
 *   timings.jsonl      the seconds that belong to them
 *   predictions.tsv    label, prediction and probabilities of every dev example at the last evaluation ({@link
 *                      io.lora4j.recipes.predictions.PredictionsFile}); where a task has other evaluation sets (MNLI's mismatched, the
 *                      labelled diagnostics), predictions_mismatched.tsv and so on, and "dev_mismatched" beside "dev" in result.json
 *   events.out.tfevents.*  TensorBoard's curves, if {@link io.lora4j.recipes.run.TensorBoardListener} listens
 *   diagnostics.jsonl  spectra of gradients, and their angles to the adapters, if the recipe asks ({@link
 *                      io.lora4j.recipes.diagnostics.DiagnosticsFile}; methods with adapters)
 *   init_report.json   what the initialiser did to every layer (methods with adapters)
 *   adapter/           the adapter and the classifier in PEFT's format (methods with adapters)
 *   result.json        scores, times, memory, evaluations with their seconds, size of the adapter; its "status" is "done", "diverged" (finished, without a result) or "failed" (memory or
 *                      disk gave out: a resumed run tries again); its "fingerprint" is a checksum of everything the result
 *                      depends on, so that a result can be kept without the other files of its trial
 * result.json          all trials
 * table.md, table.csv  the rows, made of the files above ({@link io.lora4j.recipes.table.Tables}), as {@code lora4j compare} makes them again
 * trials/NAME.part/    a trial that is going on, or was interrupted: then with checkpoint.safetensors, from which
 *                      ComparisonRunner.resume goes on
 * .lock, .trials.lock  there while processes are at work
 * </pre>
 */
@NullMarked
package io.lora4j.recipes.run;

import org.jspecify.annotations.NullMarked;
