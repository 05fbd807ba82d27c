package io.lora4j.models.peft;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraLinear;
import io.lora4j.adapter.Scaling;
import io.lora4j.models.bert.BertGraph;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A trained classifier's adapters and head, ready to be written: for every layer W = W_base + s A B with one rank, alpha and
 * scaling for all.
 *
 * @param alpha the scaling's numerator; may be fractional
 * @param scaling how alpha and r give s
 * @param dropout dropout before A in training, in [0, 1)
 * @param layers layer name ({@code bert.encoder.layer.0.attention.self.query}) to factors; not empty, all of one rank
 * @param headWeight the classifier's weight, [H, labels]
 * @param headBias the classifier's bias, labels values
 */
public record PeftAdapter(
        double alpha,
        Scaling scaling,
        double dropout,
        Map<String, LoraFactors> layers,
        INDArray headWeight,
        INDArray headBias) {
    /** Copies the map and checks that there is one rank and that the head's shapes fit together. */
    public PeftAdapter {
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("there is no adapter to export");
        }
        List<Integer> ranks =
                layers.values().stream().map(LoraFactors::rank).distinct().toList();
        if (ranks.size() != 1) {
            throw new IllegalArgumentException("the adapters have different ranks: " + ranks);
        }
        if (headWeight.rank() != 2 || headWeight.columns() != headBias.length()) {
            throw new IllegalArgumentException("the head's weight " + headWeight.shapeInfoToString() + " and bias of "
                    + headBias.length() + " values are not [H, labels] and labels");
        }
    }

    /**
     * The rank r of all adapters.
     *
     * @return r
     */
    public int rank() {
        return layers.values().iterator().next().rank();
    }

    /**
     * The factor s.
     *
     * @return s as alpha, scaling and rank give it
     */
    public double scale() {
        return scaling.factor(alpha, rank());
    }

    /**
     * A trained model's adapters relative to the base it was made from.
     *
     * @param model the trained model; its head is the output layer {@value BertGraph#CLASSIFIER}
     * @param base the weights the model started from, untouched
     * @param start its adapters between initialisation and training ({@link LoraFactors#copyOf}); needed, and only used, if the
     *     initialiser shifted base weights; else may be empty
     * @return views and copies of the model's arrays
     * @throws IllegalArgumentException if a base weight was shifted and {@code start} does not have its layer, or if the model has no
     *     adapter or no such head
     */
    public static PeftAdapter of(AdaptedModel model, FrozenWeights base, Map<String, LoraFactors> start) {
        Map<String, LoraFactors> layers = new LinkedHashMap<>();
        boolean shifted = false;
        for (var adapter : model.adapters().entrySet()) {
            String weight = adapter.getKey() + "." + FrozenLinear.WEIGHT;
            if (model.weights().get(weight) != base.get(weight)) {
                shifted = true;
                if (!start.containsKey(adapter.getKey())) {
                    throw new IllegalArgumentException("the base weight of " + adapter.getKey()
                            + " was shifted, so its adapter at the start is needed to export it");
                }
            }
            layers.put(
                    adapter.getKey(),
                    new LoraFactors(
                            adapter.getValue().loraA(), adapter.getValue().loraB()));
        }
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("the model has no adapter to export");
        }
        LoraLinear any = model.adapters().values().iterator().next().config();
        Layer head = model.graph().getLayer(BertGraph.CLASSIFIER);
        if (head == null) {
            throw new IllegalArgumentException("the model has no layer named " + BertGraph.CLASSIFIER);
        }
        PeftAdapter adapter = new PeftAdapter(
                any.getAlpha(),
                any.getScaling(),
                any.getLoraDropout(),
                layers,
                head.getParam(DefaultParamInitializer.WEIGHT_KEY),
                head.getParam(DefaultParamInitializer.BIAS_KEY));
        return shifted ? adapter.relativeTo(start) : adapter;
    }

    /**
     * The same model as an adapter of rank 2r for the untouched base, where W was shifted by -s A0 B0 before training.
     *
     * <p>W_base - s A0 B0 + s A B = W_base + s [A, A0] [B; -B0], with the same s: alpha becomes 2 alpha under alpha/r and sqrt(2) alpha
     * under alpha/sqrt(r). Source: huggingface/peft {@code subtract_mutated_init} in {@code tuners/lora/model.py}, which loses the head
     * (kept here).
     *
     * @param start layer name to A0, B0
     * @return an adapter of twice the rank
     * @throws IllegalArgumentException if a layer is missing in {@code start}
     */
    public PeftAdapter relativeTo(Map<String, LoraFactors> start) {
        Map<String, LoraFactors> doubled = new LinkedHashMap<>();
        layers.forEach((name, now) -> {
            LoraFactors then = start.get(name);
            if (then == null) {
                throw new IllegalArgumentException("the adapter of " + name + " at the start is missing");
            }
            doubled.put(
                    name,
                    new LoraFactors(
                            Nd4j.concat(1, now.a(), then.a()),
                            Nd4j.concat(0, now.b(), then.b().neg())));
        });
        double factor = scaling == Scaling.RSLORA ? Math.sqrt(2) : 2;
        return new PeftAdapter(alpha * factor, scaling, dropout, doubled, headWeight, headBias);
    }
}
