package io.lora4j.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * An optimiser over parameter groups: which updater and which weight decay every trainable parameter of a DL4J network gets.
 *
 * <p>A group with a multiplier of 0 is frozen: its parameters have no optimiser state, and DL4J's weight decay at that rate is 0.
 *
 * <p>The decay is decoupled ({@link DecoupledWeightDecay}): it runs after the updater, with the group's own current rate, and is no
 * part of the network's score.
 *
 * @param base {@link AdamW}, or DL4J's {@link Sgd} for plain gradient descent, with the base rate or schedule
 * @param weightDecay the coefficient, at least 0; 0 leaves the regularisation empty
 * @param groups the groups
 */
public record GroupedOptimizer(IUpdater base, double weightDecay, ParameterGroups groups) {
    /** Checks the updater's class and the coefficient. */
    public GroupedOptimizer {
        if (!(base instanceof AdamW) && !(base instanceof Sgd)) {
            throw new IllegalArgumentException("the base is AdamW or Sgd, not " + base);
        }
        if (!(weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight decay must be at least 0: " + weightDecay);
        }
    }

    /**
     * The settings of one parameter; a pure function.
     *
     * @param layer the layer's (vertex's) name
     * @param param the parameter's name in its layer
     * @param vector true for a bias or another parameter of one dimension
     * @return updater and regularisation, new objects
     */
    public ParamSettings settingsFor(String layer, String param, boolean vector) {
        ParamGroup group = groups.groupOf(layer, param, vector);
        List<Regularization> decay =
                group.decay() && weightDecay > 0 ? List.of(new DecoupledWeightDecay(weightDecay)) : List.of();
        // A frozen parameter needs no averages; plain SGD at rate 0 leaves it where it is and keeps none.
        IUpdater updater = group.lrMultiplier() == 0 ? new Sgd(0.0) : times(group.lrMultiplier());
        return new ParamSettings(group, updater, decay);
    }

    private IUpdater times(double multiplier) {
        if (base instanceof AdamW adamW) {
            return adamW.times(multiplier);
        }
        Sgd sgd = (Sgd) base;
        ISchedule schedule = sgd.getLearningRateSchedule();
        return schedule == null
                ? new Sgd(sgd.getLearningRate() * multiplier)
                : new Sgd(ScaledSchedule.of(schedule, multiplier));
    }

    /** Checks a setting that must be greater than 0. */
    static double positive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + " must be greater than 0: " + value);
        }
        return value;
    }

    /**
     * Sets updaters and regularisation of all layers and vertices of a graph, in place; call it before the graph is made.
     *
     * @param configuration the graph's configuration
     * @throws IllegalArgumentException if a layer or vertex with parameters cannot take them; the message names it
     */
    public void applyTo(ComputationGraphConfiguration configuration) {
        for (Map.Entry<String, GraphVertex> entry : configuration.getVertices().entrySet()) {
            String name = entry.getKey();
            GraphVertex vertex = entry.getValue();
            if (vertex instanceof LayerVertex holder) {
                apply(name, holder.getLayerConf());
            } else if (vertex instanceof OptimizerAware aware) {
                aware.useOptimizer(name, this);
            } else if (vertex.numParams(true) > 0) {
                throw new IllegalArgumentException(
                        "vertex " + name + " (" + vertex.getClass().getSimpleName()
                                + ") has parameters, but does not implement OptimizerAware");
            }
        }
    }

    /**
     * Sets updaters and regularisation of all layers of a network, in place; call it before the network is made.
     *
     * @param configuration the network's configuration; a layer without a name goes by its index
     * @throws IllegalArgumentException if a layer with parameters cannot take them; the message names it
     */
    public void applyTo(MultiLayerConfiguration configuration) {
        List<NeuralNetConfiguration> layers = configuration.getConfs();
        for (int i = 0; i < layers.size(); i++) {
            String name = layers.get(i).getLayer().getLayerName();
            apply(name == null ? Integer.toString(i) : name, layers.get(i));
        }
    }

    private void apply(String name, NeuralNetConfiguration configuration) {
        Layer layer = configuration.getLayer();
        if (layer instanceof OptimizerAware aware) {
            aware.useOptimizer(name, this);
        } else if (layer instanceof BaseLayer base) {
            applyToBaseLayer(name, base);
        } else if (layer.initializer() != null && layer.initializer().numParams(configuration) > 0) {
            throw new IllegalArgumentException(
                    "layer " + name + " (" + layer.getClass().getSimpleName()
                            + ") has parameters, but neither extends BaseLayer nor implements OptimizerAware");
        }
    }

    /** DL4J has one updater for all weights of a layer and one for its biases: weights count as matrices, biases as vectors. */
    private void applyToBaseLayer(String name, BaseLayer layer) {
        List<String> weights = layer.initializer().weightKeys(layer);
        List<String> biases = layer.initializer().biasKeys(layer);
        ParamSettings ofWeights = settingsFor(name, weights.isEmpty() ? "W" : weights.get(0), false);
        ParamSettings ofBiases = settingsFor(name, biases.isEmpty() ? "b" : biases.get(0), true);
        layer.setIUpdater(ofWeights.updater());
        layer.setRegularization(new ArrayList<>(ofWeights.regularization()));
        layer.setBiasUpdater(ofBiases.updater());
        layer.setRegularizationBias(new ArrayList<>(ofBiases.regularization()));
    }
}
