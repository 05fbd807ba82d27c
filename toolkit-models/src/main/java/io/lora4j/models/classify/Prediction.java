package io.lora4j.models.classify;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a classifier says about one text or pair.
 *
 * @param label the most probable label
 * @param probability its softmax probability, in [0, 1]
 * @param probabilities every label's probability, in the classifier's order of labels
 */
public record Prediction(String label, double probability, Map<String, Double> probabilities) {
    /** Copies the map. */
    public Prediction {
        probabilities = Collections.unmodifiableMap(new LinkedHashMap<>(probabilities));
    }
}
