package io.lora4j.recipes.diagnostics;

/**
 * The singular values of one layer's gradient G = dL/dW at the pre-trained weights and the classifier that all trials start from. Owns its array;
 * treat it as read-only.
 *
 * @param layer the layer's name
 * @param examples training examples that the gradient is the mean over
 * @param singularValues the leading ones, descending, in units of loss per unit of weight
 * @param effectiveRank exp of the entropy of all normalised singular values ({@link io.lora4j.linalg.Spectrum#effectiveRank})
 * @param stableRank squared ratio of Frobenius to spectral norm ({@link io.lora4j.linalg.Spectrum#stableRank})
 */
@SuppressWarnings("ArrayRecordComponent") // a value carrier that is never compared
public record LayerSpectrum(
        String layer, long examples, double[] singularValues, double effectiveRank, double stableRank) {}
