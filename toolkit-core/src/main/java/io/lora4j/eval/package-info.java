/**
 * What a trained classifier is worth.
 *
 * <p>Feed labels and predicted probabilities batch by batch to a {@link io.lora4j.eval.ClassificationEvaluation} and read {@link
 * io.lora4j.eval.ClassificationMetrics} at the end. Counting is done by ND4J's {@code Evaluation}; the scores follow scikit-learn where
 * ND4J gives NaN or leaves classes out.
 */
@NullMarked
package io.lora4j.eval;

import org.jspecify.annotations.NullMarked;
