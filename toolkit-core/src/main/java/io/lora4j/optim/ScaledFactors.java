package io.lora4j.optim;

/** A layer configuration whose adapter's product is scaled before it is added: y = x (W + s A B). Rules that need s ask for it here. */
public interface ScaledFactors {
    /**
     * The factor s.
     *
     * @return s, dimensionless
     */
    double scale();
}
