/**
 * Predictions for GLUE's hidden test sets, in the form its leaderboard takes.
 *
 * <p>{@link io.lora4j.recipes.submission.GlueSubmission#predict} does it for a trained classifier; for other models read a test file
 * ({@link io.lora4j.datasets.GlueTest#read}), predict, and give rows and predictions to {@link
 * io.lora4j.recipes.submission.GlueSubmission#write}. A folder with all eleven files, zipped without folders, is a submission.
 */
@NullMarked
package io.lora4j.recipes.submission;

import org.jspecify.annotations.NullMarked;
