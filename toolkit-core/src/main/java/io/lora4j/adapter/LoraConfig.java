package io.lora4j.adapter;

import java.util.List;

/**
 * What to adapt and how: PEFT's {@code LoraConfig} in our orientation.
 *
 * @param rank r, at least 1
 * @param alpha the scaling's numerator, greater than 0
 * @param scaling how alpha and r give s
 * @param dropout probability with which an input of A is zeroed in training, in [0, 1)
 * @param targetModules names of the linear layers to adapt: an entry matches a layer whose name equals it or ends with a dot and
 *     it (PEFT's rule for lists); an entry that matches nothing is refused at injection
 */
public record LoraConfig(int rank, double alpha, Scaling scaling, double dropout, List<String> targetModules) {
    /** Checks the ranges and copies the list. */
    public LoraConfig {
        if (rank < 1) {
            throw new IllegalArgumentException("rank must be at least 1: " + rank);
        }
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("alpha must be greater than 0: " + alpha);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1): " + dropout);
        }
        targetModules = List.copyOf(targetModules);
        if (targetModules.isEmpty()) {
            throw new IllegalArgumentException("targetModules must not be empty");
        }
    }

    /**
     * The factor s of y = x (W + s A B).
     *
     * @return s
     */
    public double scale() {
        return scaling.factor(alpha, rank);
    }

    /**
     * Whether a target entry names a layer.
     *
     * @param entry an entry of {@link #targetModules()}
     * @param layer a layer's (vertex's) name
     * @return true if the name equals the entry or ends with a dot and the entry
     */
    public static boolean matches(String entry, String layer) {
        return layer.equals(entry) || layer.endsWith("." + entry);
    }
}
