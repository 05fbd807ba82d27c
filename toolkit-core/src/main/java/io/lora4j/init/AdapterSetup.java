package io.lora4j.init;

import io.lora4j.adapter.AdaptedNetwork;
import io.lora4j.adapter.LoraLinear;
import io.lora4j.error.DivergedException;
import io.lora4j.error.UserException;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.linalg.TruncatedSvd;
import io.lora4j.train.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
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
     * Refuses, before any work, a rank that the initialiser cannot serve on some adapted layer.
     *
     * @param adapted a configuration with adapters
     * @param initializer the method
     * @throws UserException naming the first such layer and the largest rank that all layers allow
     */
    public static void requireRank(ComputationGraphConfiguration adapted, AdapterInitializer initializer) {
        long limit = Long.MAX_VALUE;
        LoraLinear offender = null;
        for (GraphVertex vertex : adapted.getVertices().values()) {
            if (vertex instanceof LayerVertex holder && holder.getLayerConf().getLayer() instanceof LoraLinear lora) {
                long ofLayer = initializer.maxRank(lora.getNIn(), lora.getNOut());
                limit = Math.min(limit, ofLayer);
                if (offender == null && lora.getRank() > ofLayer) {
                    offender = lora;
                }
            }
        }
        if (offender != null) {
            throw new UserException("adapter rank " + offender.getRank() + " is larger than " + initializer.name()
                    + " allows: layer " + offender.getLayerName() + " is " + offender.getNIn() + " x "
                    + offender.getNOut() + ", and over all adapted layers the rank is at most " + limit);
        }
    }

    /**
     * Replaces A and B of every adapter by an initialiser that does not look at the layers' inputs.
     *
     * @param model the model; its adapters are changed
     * @param initializer the method
     * @param gradients gradients of all adapted layers; may be null if the initialiser needs none
     * @param streams the run's random streams
     * @return what was done, one report per adapter in the graph's order
     * @throws IllegalArgumentException if gradients or inputs are needed and missing
     */
    public static List<LayerInitReport> apply(
            AdaptedNetwork model,
            AdapterInitializer initializer,
            @Nullable WeightGradients gradients,
            RandomStreams streams) {
        return apply(model, initializer, gradients, Map.of(), streams);
    }

    /**
     * Replaces A and B of every adapter, and shifts frozen weights where the initialiser asks for it (in arrays of the model's own). DoRA's
     * magnitudes start as the norms of the resulting columns.
     *
     * @param model the model; its adapters are changed
     * @param initializer the method
     * @param gradients gradients of all adapted layers; may be null if the initialiser needs none
     * @param inputs moments of the inputs of all adapted layers; may be empty if the initialiser needs none
     * @param streams the run's random streams
     * @return what was done, one report per adapter in the graph's order
     * @throws IllegalArgumentException if gradients or inputs are needed and missing
     * @throws DivergedException if a frozen weight is not finite: names the layer, at step 0
     */
    public static List<LayerInitReport> apply(
            AdaptedNetwork model,
            AdapterInitializer initializer,
            @Nullable WeightGradients gradients,
            Map<String, InputMoments> inputs,
            RandomStreams streams) {
        if (initializer.needsGradient() && gradients == null) {
            throw new IllegalArgumentException("initialiser " + initializer.name() + " needs gradients");
        }
        List<LayerInitReport> reports = new ArrayList<>();
        model.adapters().forEach((name, layer) -> {
            if (!TruncatedSvd.isFinite(layer.weight())) {
                throw new DivergedException(name, 0, "the frozen weight holds NaN or infinity before the first step");
            }
            INDArray gradient = initializer.needsGradient() && gradients != null ? gradients.mean(name) : null;
            InitialAdapter start = initializer.initialize(new InitContext(
                    name,
                    layer.weight(),
                    gradient,
                    initializer.needsInputs() ? inputs.get(name) : null,
                    layer.config().getRank(),
                    layer.config().scale(),
                    new SplittableRandom(streams.seedOf(RandomStreams.INIT + "/" + name))));
            layer.loraA().assign(start.a());
            layer.loraB().assign(start.b());
            INDArray shift = start.weightShift();
            if (shift != null) {
                model.shiftWeight(name, shift);
            }
            layer.resetMagnitude();
            reports.add(start.report());
            // Matrices of the weights' size, off the heap: a BERT-base has 1.4 GB of them before the collector looks.
            free(gradient);
            free(shift);
        });
        return reports;
    }

    private static void free(@Nullable INDArray array) {
        if (array != null && array.closeable()) {
            array.close();
        }
    }
}
