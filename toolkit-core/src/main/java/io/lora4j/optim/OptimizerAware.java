package io.lora4j.optim;

/**
 * A DL4J layer or vertex configuration whose parameters need more than DL4J's two updaters (weights and biases), such as an adapter
 * layer whose B learns at another rate than its A, or a vertex with parameters of its own, for which DL4J has no updaters at all. {@link GroupedOptimizer#applyTo} hands it the optimiser instead of setting DL4J's
 * fields; the layer asks {@link GroupedOptimizer#settingsFor} for each of its parameters and keeps the answers, so that they are part
 * of its JSON.
 */
public interface OptimizerAware {
    /**
     * Takes this layer's updaters and regularisation out of {@code optimizer}.
     *
     * @param layer the layer's (vertex's) name
     * @param optimizer the optimiser of the whole network
     */
    void useOptimizer(String layer, GroupedOptimizer optimizer);
}
