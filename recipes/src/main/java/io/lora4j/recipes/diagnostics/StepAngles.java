package io.lora4j.recipes.diagnostics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The angles of all layers at one moment of the training.
 *
 * @param step optimiser steps taken by then
 * @param layers by layer, in the network's order
 */
public record StepAngles(long step, Map<String, LayerAngles> layers) {
    /** Copies the map, keeping its order. */
    public StepAngles {
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }
}
