/**
 * What a trial predicts for every dev example, as a small file that outlives the trial: the raw material of significance tests and of looking
 * at mistakes.
 *
 * <p>A run makes {@link io.lora4j.recipes.predictions.Predictions} of its last evaluation and {@link
 * io.lora4j.recipes.predictions.PredictionsFile} writes them into the trial's folder; a comparison reads them back and hands them to {@link
 * io.lora4j.recipes.stats.PairedTests}. The file names its labels by checksum, so that predictions for different data are never compared.
 */
@NullMarked
package io.lora4j.recipes.predictions;

import org.jspecify.annotations.NullMarked;
