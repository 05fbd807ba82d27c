package io.lora4j.init;

import org.jspecify.annotations.Nullable;

/**
 * What an initialiser did to one layer. Spectral figures are of the gradient and null for initialisers that use none.
 *
 * @param layer the layer's name
 * @param initializer the initialiser's name
 * @param rank r
 * @param sigma1 largest singular value of the gradient, in units of loss per unit of weight
 * @param sigmaR r-th singular value of the gradient, same units
 * @param effectiveRank exp of the entropy of the normalised singular values (Roy and Vetterli, 2007), over the computed ones
 * @param relativeUpdate |s A0 B0|_F / |W|_F, dimensionless
 * @param effectiveStep eta of LoRA-One's final and spectral forms: W + s A0 B0 = W - eta P_r(G); null for all others
 * @param deadPairs number of factor pairs with a singular value below 1e-6 of the largest (of the gradient, for PiSSA of the weight,
 *     for EVA of the inputs)
 * @param note what departed from the plain formula (a zero gradient, a fallback), or null
 */
public record LayerInitReport(
        String layer,
        String initializer,
        int rank,
        @Nullable Double sigma1,
        @Nullable Double sigmaR,
        @Nullable Double effectiveRank,
        double relativeUpdate,
        @Nullable Double effectiveStep,
        int deadPairs,
        @Nullable String note) {}
