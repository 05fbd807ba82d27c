package io.lora4j.init;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.train.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs an initialiser over every adapter of a model: the step between the gradient estimate and training.
 *
 * <p>Each layer has a random stream of its own, {@code init/LAYERNAME}, so a layer's factors do not depend on which other layers are
 * adapted or on the order in which they are visited.
 */
public final class AdapterSetup {
    private AdapterSetup() {}

    /**
     * Replaces A and B of every adapter, and shifts frozen weights where the initialiser asks for it (in arrays of the model's own).
     *
     * @param model the model; its adapters are changed
     * @param initializer the method
     * @param gradients gradients of all adapted layers; may be null if the initialiser needs none
     * @param streams the run's random streams
     * @return what was done, one report per adapter in the graph's order
     * @throws IllegalArgumentException if gradients are needed and missing
     */
    public static List<LayerInitReport> apply(
            AdaptedModel model,
            AdapterInitializer initializer,
            @Nullable WeightGradients gradients,
            RandomStreams streams) {
        if (initializer.needsGradient() && gradients == null) {
            throw new IllegalArgumentException("initialiser " + initializer.name() + " needs gradients");
        }
        List<LayerInitReport> reports = new ArrayList<>();
        model.adapters().forEach((name, layer) -> {
            INDArray gradient = initializer.needsGradient() && gradients != null ? gradients.mean(name) : null;
            InitialAdapter start = initializer.initialize(new InitContext(
                    name,
                    layer.weight(),
                    gradient,
                    layer.config().getRank(),
                    layer.config().scale(),
                    new SplittableRandom(streams.seedOf(RandomStreams.INIT + "/" + name))));
            layer.loraA().assign(start.a());
            layer.loraB().assign(start.b());
            INDArray shift = start.weightShift();
            if (shift != null) {
                model.shiftWeight(name, shift);
            }
            reports.add(start.report());
        });
        return reports;
    }
}
