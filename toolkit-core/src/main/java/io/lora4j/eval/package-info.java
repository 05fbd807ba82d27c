/**
 * What a trained model is worth.
 *
 * <p>Classifiers: feed labels and predicted probabilities batch by batch to a {@link io.lora4j.eval.ClassificationEvaluation} and read {@link
 * io.lora4j.eval.ClassificationMetrics} at the end. Counting is done by ND4J's {@code Evaluation}; the scores follow scikit-learn where
 * ND4J gives NaN or leaves classes out. Predicted numbers: {@link io.lora4j.eval.RegressionEvaluation} and {@link
 * io.lora4j.eval.RegressionMetrics} in the same way, or the latter alone for arrays; the correlations are Commons Math's.
 */
@NullMarked
package io.lora4j.eval;

import org.jspecify.annotations.NullMarked;
