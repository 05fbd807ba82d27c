package io.lora4j.recipes.diagnostics;

import java.util.List;

/**
 * What a trial has written down.
 *
 * @param spectra the gradient's spectrum per layer, in the network's order; empty if it was not asked for
 * @param angles by step; empty if they were not asked for
 */
public record TrialDiagnostics(List<LayerSpectrum> spectra, List<StepAngles> angles) {
    /** A trial that has written nothing. */
    public static final TrialDiagnostics NOTHING = new TrialDiagnostics(List.of(), List.of());

    /** Copies the lists. */
    public TrialDiagnostics {
        spectra = List.copyOf(spectra);
        angles = List.copyOf(angles);
    }
}
