package io.lora4j.recipes.diagnostics;

import io.lora4j.gradient.WeightGradients;
import io.lora4j.linalg.Accuracy;
import io.lora4j.linalg.PrincipalAngles;
import io.lora4j.linalg.Spectrum;
import io.lora4j.linalg.Svd;
import io.lora4j.linalg.TruncatedSvd;
import io.lora4j.models.peft.LoraFactors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The one-step gradients of all adapted layers, G = dL/dW [in, out] = U S V^T: their spectra, and their leading directions to compare adapters
 * with. Immutable; deterministic for the gradients.
 */
public final class GradientSubspaces {
    /** Directions of a gradient below this part of its largest singular value are rounding. */
    private static final double NEGLIGIBLE = 1e-6;

    private final List<LayerSpectrum> spectra;
    private final Map<String, Directions> directions;

    /** Leading directions: u [in, r], v [out, r]. */
    private record Directions(INDArray u, INDArray v) {}

    private GradientSubspaces(List<LayerSpectrum> spectra, Map<String, Directions> directions) {
        this.spectra = List.copyOf(spectra);
        this.directions = directions;
    }

    /**
     * Takes gradients apart.
     *
     * @param gradients of the layers; only read
     * @param rank how many directions are compared with adapters; fewer where the gradient has fewer; 0 for none
     * @param singularValues how many singular values are told, at most; 0 for no spectra
     * @return new arrays, no part of the gradients
     */
    public static GradientSubspaces of(WeightGradients gradients, int rank, int singularValues) {
        List<LayerSpectrum> spectra = new ArrayList<>();
        Map<String, Directions> directions = new LinkedHashMap<>();
        for (String layer : gradients.layers()) {
            INDArray gradient = gradients.mean(layer);
            if (singularValues > 0) {
                spectra.add(spectrum(layer, gradients.exampleCount(), gradient, singularValues));
            }
            Directions leading = rank == 0 ? null : leading(gradient, rank);
            if (leading != null) {
                directions.put(layer, leading);
            }
            if (gradient.closeable()) {
                gradient.close();
            }
        }
        return new GradientSubspaces(spectra, directions);
    }

    private static LayerSpectrum spectrum(String layer, long examples, INDArray gradient, int most) {
        Spectrum all = Spectrum.of(gradient);
        double[] leading = Arrays.copyOf(all.values(), Math.min(most, all.values().length));
        return new LayerSpectrum(layer, examples, leading, all.effectiveRank(), all.stableRank());
    }

    private static @Nullable Directions leading(INDArray gradient, int rank) {
        Svd svd = TruncatedSvd.of(
                gradient, Math.min(rank, Math.min(gradient.rows(), gradient.columns())), Accuracy.PRECISE);
        int known = svd.countAbove(NEGLIGIBLE);
        return known == 0 ? null : new Directions(first(svd.u(), known), first(svd.v(), known));
    }

    private static INDArray first(INDArray columns, int count) {
        return columns.get(NDArrayIndex.all(), NDArrayIndex.interval(0, count)).dup('f');
    }

    /**
     * The gradients' spectra.
     *
     * @return one per layer, in the network's order; empty if none were asked for
     */
    public List<LayerSpectrum> spectra() {
        return spectra;
    }

    /**
     * How adapters lie to the gradients.
     *
     * @param step optimiser steps taken so far
     * @param factors layer name to A [in, r] and B [r, out]; only read
     * @return the angles of every layer that has a gradient
     */
    public StepAngles angles(long step, Map<String, LoraFactors> factors) {
        Map<String, LayerAngles> layers = new LinkedHashMap<>();
        factors.forEach((layer, adapter) -> {
            Directions gradient = directions.get(layer);
            if (gradient != null) {
                layers.put(
                        layer,
                        new LayerAngles(
                                degrees(adapter.a(), gradient.u()),
                                degrees(adapter.b().transpose(), gradient.v())));
            }
        });
        return new StepAngles(step, layers);
    }

    private static double[] degrees(INDArray columns, INDArray directions) {
        INDArray basis = PrincipalAngles.basis(columns);
        return basis == null
                ? new double[0]
                : Arrays.stream(PrincipalAngles.between(basis, directions))
                        .map(Math::toDegrees)
                        .toArray();
    }
}
