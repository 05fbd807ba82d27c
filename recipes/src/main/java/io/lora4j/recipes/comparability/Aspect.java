package io.lora4j.recipes.comparability;

import java.util.Locale;

/** In what two results may differ so that a comparison of their scores misleads. */
public enum Aspect {
    /** The examples: files by checksum, limits, labels. */
    DATA,
    /** The pre-trained weights by checksum, pooling, length. */
    MODEL,
    /** What every method may spend: grids and number of trials, seeds, steps, rule of selection. */
    BUDGET,
    /** The program and what computes: commit, versions, kernels. */
    CODE;

    /**
     * The aspect as messages and options write it.
     *
     * @return its name in lower case
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
