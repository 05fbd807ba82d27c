package io.lora4j.models.peft;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraLinear;
import io.lora4j.adapter.LoraLinearLayer;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A trained classifier's adapters and head relative to an untouched base: W = W_base + s A B for every layer, or DoRA's form of it. What a
 * file of PEFT holds, in this project's orientation.
 *
 * @param scaling how alpha and r give s
 * @param dropout dropout before A in training, in [0, 1)
 * @param weightForm what adapted layers compute with
 * @param layers layer name ({@code bert.encoder.layer.0.attention.self.query}) to parameters; not empty; ranks may differ
 * @param alphas layer name to the scaling's numerator, which may be fractional; the keys of {@code layers}
 * @param biases name of a frozen bias ({@code LAYER.bias}) to the trained values that take its place, [out]; mostly empty
 * @param saved name of a tensor of the head ({@code classifier.weight} [H, labels], {@code classifier.bias} [labels]) to its values
 * @param source the file it was read from, for messages; null if it was made here
 */
public record PeftAdapter(
        Scaling scaling,
        double dropout,
        WeightForm weightForm,
        Map<String, LoraFactors> layers,
        Map<String, Double> alphas,
        Map<String, INDArray> biases,
        Map<String, INDArray> saved,
        @Nullable Path source) {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    /** Copies the maps and checks that they belong together. */
    public PeftAdapter {
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
        alphas = Collections.unmodifiableMap(new LinkedHashMap<>(alphas));
        biases = Collections.unmodifiableMap(new LinkedHashMap<>(biases));
        saved = Collections.unmodifiableMap(new LinkedHashMap<>(saved));
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("there is no adapter to export");
        }
        if (!alphas.keySet().equals(layers.keySet())) {
            throw new IllegalArgumentException(
                    "alphas of " + alphas.keySet() + " do not belong to adapters of " + layers.keySet());
        }
        layers.forEach((name, factors) -> {
            if ((factors.magnitude() == null) != (weightForm == WeightForm.PLAIN)) {
                throw new IllegalArgumentException(
                        "layer " + name + ": a magnitude belongs to the weight form DORA, and to no other");
            }
        });
    }

    /**
     * An adapter that was not read from a file.
     *
     * @param scaling how alpha and r give s
     * @param dropout dropout before A in training, in [0, 1)
     * @param weightForm what adapted layers compute with
     * @param layers layer name to parameters
     * @param alphas layer name to the scaling's numerator
     * @param biases name of a frozen bias to the trained values
     * @param saved name of a tensor of the head to its values
     */
    public PeftAdapter(
            Scaling scaling,
            double dropout,
            WeightForm weightForm,
            Map<String, LoraFactors> layers,
            Map<String, Double> alphas,
            Map<String, INDArray> biases,
            Map<String, INDArray> saved) {
        this(scaling, dropout, weightForm, layers, alphas, biases, saved, null);
    }

    /**
     * The factor s of one layer.
     *
     * @param layer the layer's name
     * @return s as alpha, scaling and rank give it
     */
    public double scale(String layer) {
        return scaling.factor(
                Objects.requireNonNull(alphas.get(layer), layer),
                Objects.requireNonNull(layers.get(layer), layer).rank());
    }

    /**
     * A trained model's adapters relative to the base it was made from.
     *
     * @param model the trained model; what else of it is trainable (its head) has parameters {@code W} and {@code b}
     * @param base the weights the model started from, untouched
     * @param start its adapters between initialisation and training ({@link LoraFactors#copyOf}); needed, and only used, for layers whose
     *     base weight an initialiser shifted; else may be empty
     * @return views and copies of the model's arrays
     * @throws IllegalArgumentException if a base weight was shifted and {@code start} does not have its layer, or if the model has no
     *     adapter
     */
    public static PeftAdapter of(AdaptedModel model, FrozenWeights base, Map<String, LoraFactors> start) {
        Map<String, LoraFactors> layers = new LinkedHashMap<>();
        Map<String, Double> alphas = new LinkedHashMap<>();
        Map<String, LoraFactors> shifted = new LinkedHashMap<>();
        model.adapters().forEach((name, layer) -> {
            String weight = name + "." + FrozenLinear.WEIGHT;
            if (model.weights().get(weight) != base.get(weight)) {
                LoraFactors then = start.get(name);
                if (then == null) {
                    throw new IllegalArgumentException("the base weight of " + name
                            + " was shifted, so its adapter at the start is needed to export it");
                }
                shifted.put(name, then);
            }
            layers.put(name, LoraFactors.of(layer));
            alphas.put(name, layer.config().getAlpha());
        });
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("the model has no adapter to export");
        }
        LoraLinear any = model.adapters().values().iterator().next().config();
        return new PeftAdapter(
                        any.getScaling(),
                        any.getLoraDropout(),
                        any.getWeightForm(),
                        layers,
                        alphas,
                        Map.of(),
                        head(model))
                .relativeTo(shifted);
    }

    /** The trainable layers that are no adapters, by the names that checkpoints give their tensors. */
    private static Map<String, INDArray> head(AdaptedModel model) {
        Map<String, INDArray> head = new LinkedHashMap<>();
        for (Layer layer : model.graph().getLayers()) {
            if (layer instanceof LoraLinearLayer || layer.numParams() == 0) {
                continue;
            }
            String name = layer.conf().getLayer().getLayerName();
            layer.paramTable(false).forEach((key, values) -> {
                if (key.equals(DefaultParamInitializer.WEIGHT_KEY)) {
                    head.put(name + WEIGHT, values);
                } else if (key.equals(DefaultParamInitializer.BIAS_KEY)) {
                    head.put(name + BIAS, values.reshape(values.length()));
                } else {
                    throw new IllegalArgumentException(
                            "layer " + name + " trains " + key + ", for which PEFT has no name");
                }
            });
        }
        return head;
    }

    /**
     * The same model as an adapter of rank 2r for the untouched base, in the layers whose W was shifted by -s A0 B0 before training.
     *
     * <p>W_base - s A0 B0 + s A B = W_base + s [A, A0] [B; -B0], with the same s: alpha becomes 2 alpha under alpha/r and sqrt(2) alpha
     * under alpha/sqrt(r). DoRA's magnitude stays as it is, because the sum is the same. Source: huggingface/peft {@code
     * subtract_mutated_init} in {@code tuners/lora/model.py}, which loses the head (kept here) and refuses patterns (each layer has its own
     * alpha here).
     *
     * @param start layer name to A0, B0 of each shifted layer
     * @return an adapter of twice the rank in those layers
     * @throws IllegalArgumentException if {@code start} has a layer that this adapter has not
     */
    public PeftAdapter relativeTo(Map<String, LoraFactors> start) {
        Map<String, LoraFactors> doubled = new LinkedHashMap<>(layers);
        Map<String, Double> newAlphas = new LinkedHashMap<>(alphas);
        double factor = scaling == Scaling.RSLORA ? Math.sqrt(2) : 2;
        start.forEach((name, then) -> {
            LoraFactors now = layers.get(name);
            if (now == null) {
                throw new IllegalArgumentException("there is no adapter of " + name + " that could have been shifted");
            }
            doubled.put(
                    name,
                    new LoraFactors(
                            Nd4j.concat(1, now.a(), then.a()),
                            Nd4j.concat(0, now.b(), then.b().neg()),
                            now.magnitude()));
            newAlphas.computeIfPresent(name, (key, alpha) -> alpha * factor);
        });
        return new PeftAdapter(scaling, dropout, weightForm, doubled, newAlphas, biases, saved, source);
    }
}
