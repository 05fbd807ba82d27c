package io.lora4j.models.encoder;

import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.OptimizerAware;
import io.lora4j.optim.ParamSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * What the configurations of vertices with parameters have in common: an updater and a regularisation for each parameter. They are
 * part of the JSON form. A parameter that was given no updater has DL4J's default, plain SGD.
 *
 * <p>The global settings of a {@code NeuralNetConfiguration.Builder} do not reach vertices (DL4J hands them to layers only): use {@link
 * GroupedOptimizer#applyTo} or {@link #setUpdater}. Not thread-safe while being set.
 */
abstract class TrainableVertexConfig extends EncoderVertexConfig implements OptimizerAware {
    private static final long serialVersionUID = 1L;

    private Map<String, IUpdater> updaters = new LinkedHashMap<>();
    private Map<String, List<Regularization>> regularization = new LinkedHashMap<>();

    /** The parameters in the order in which they stand in the network's vector. */
    abstract List<VertexParameter> parameters();

    /** The same vertex with the default updaters. */
    abstract TrainableVertexConfig fresh();

    /**
     * Gives all parameters one updater.
     *
     * @param updater the updater; each parameter gets a copy
     */
    public final void setUpdater(IUpdater updater) {
        parameters().forEach(p -> updaters.put(p.key(), updater.clone()));
    }

    /**
     * The updaters that were set, by parameter key.
     *
     * @return the map itself
     */
    public final Map<String, IUpdater> getUpdaters() {
        return updaters;
    }

    /**
     * Sets the updaters by parameter key.
     *
     * @param updaters owned by this object from now on
     */
    public final void setUpdaters(Map<String, IUpdater> updaters) {
        this.updaters = updaters;
    }

    /**
     * The regularisation that was set, by parameter key.
     *
     * @return the map itself
     */
    public final Map<String, List<Regularization>> getRegularization() {
        return regularization;
    }

    /**
     * Sets the regularisation by parameter key.
     *
     * @param regularization owned by this object from now on
     */
    public final void setRegularization(Map<String, List<Regularization>> regularization) {
        this.regularization = regularization;
    }

    final IUpdater updaterOf(String key) {
        IUpdater updater = updaters.get(key);
        return updater == null ? new Sgd() : updater;
    }

    final List<Regularization> regularizationOf(String key) {
        return regularization.getOrDefault(key, List.of());
    }

    @Override
    public final void useOptimizer(String layer, GroupedOptimizer optimizer) {
        for (VertexParameter parameter : parameters()) {
            ParamSettings settings = optimizer.settingsFor(layer, parameter.key(), parameter.isVector());
            updaters.put(parameter.key(), settings.updater());
            regularization.put(parameter.key(), new ArrayList<>(settings.regularization()));
        }
    }

    @Override
    public final long numParams(boolean backprop) {
        return parameters().stream().mapToLong(VertexParameter::length).sum();
    }

    /** A copy with its own updaters and regularisation. */
    @Override
    public final GraphVertex clone() {
        TrainableVertexConfig copy = fresh();
        updaters.forEach((key, updater) -> copy.updaters.put(key, updater.clone()));
        regularization.forEach((key, terms) -> {
            List<Regularization> copies = new ArrayList<>();
            terms.forEach(term -> copies.add(term.clone()));
            copy.regularization.put(key, copies);
        });
        return copy;
    }

    final boolean sameOptimizer(TrainableVertexConfig other) {
        return updaters.equals(other.updaters) && regularization.equals(other.regularization);
    }
}
