package io.lora4j.models.peft;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraConfigBuilder;
import io.lora4j.adapter.LoraLinearLayer;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Puts a {@link PeftAdapter} over a base. */
public final class PeftModel {
    private PeftModel() {}

    /**
     * A model that computes as PEFT's does with the same adapter over the same base.
     *
     * @param base the classifier's configuration without adapters; its trainable layers are the head. Unchanged
     * @param weights the untouched base's frozen arrays; shared
     * @param adapter what to put over it; copied
     * @return a new model with adapters of the adapter's ranks, ready to be used or trained on
     * @throws UserException if the adapter has a layer or head that the base has not, or of another shape, or lacks the base's head
     */
    public static AdaptedModel of(ComputationGraphConfiguration base, FrozenWeights weights, PeftAdapter adapter) {
        adapter.layers().forEach((name, factors) -> requireLayer(base, name, factors, adapter));
        AdaptedModel model =
                AdaptedModel.of(AdapterInjector.inject(base, config(adapter)), withBiases(weights, adapter));
        adapter.layers().forEach((name, factors) -> {
            LoraLinearLayer layer = Objects.requireNonNull(model.adapters().get(name));
            assign(layer.loraA(), factors.a());
            assign(layer.loraB(), factors.b());
            INDArray magnitude = factors.magnitude();
            if (magnitude != null) {
                assign(layer.loraMagnitude(), magnitude.reshape(1, magnitude.length()));
            }
        });
        putHead(model, adapter);
        return model;
    }

    /**
     * How far two classifiers' outputs are apart, for checking that what was written is what was trained.
     *
     * @param one a model whose first output is a softmax
     * @param other another of the same outputs
     * @param batch examples; only its features are looked at
     * @return the largest difference of the logarithms of two probabilities above 1e-30: that of the logits, up to what softmax
     *     does not see
     */
    public static double difference(AdaptedModel one, AdaptedModel other, MultiDataSet batch) {
        return LogitDifference.of(
                one.graph().outputSingle(false, batch.getFeatures()),
                other.graph().outputSingle(false, batch.getFeatures()));
    }

    private static void requireLayer(
            ComputationGraphConfiguration base, String name, LoraFactors factors, PeftAdapter adapter) {
        if (!(base.getVertices().get(name) instanceof LayerVertex vertex
                && vertex.getLayerConf().getLayer() instanceof FrozenLinear linear)) {
            throw refused(
                    adapter,
                    "the adapter has a layer " + name
                            + ", which is no linear layer of this model: it was made for another base");
        }
        if (linear.getNIn() != factors.a().rows()
                || linear.getNOut() != factors.b().columns()) {
            throw refused(
                    adapter,
                    "the adapter's layer " + name + " is " + factors.a().rows() + " x "
                            + factors.b().columns() + ", this model's is " + linear.getNIn() + " x " + linear.getNOut()
                            + ": it was made for another base");
        }
    }

    /** An adapter that does not fit, with its file if it has one. */
    private static UserException refused(PeftAdapter adapter, String why) {
        Path source = adapter.source();
        return source == null ? new UserException(why) : new FormatException(source, why);
    }

    /** One configuration with patterns for the layers that differ. */
    private static LoraConfig config(PeftAdapter adapter) {
        LoraConfigBuilder builder = LoraConfig.builder()
                .scaling(adapter.scaling())
                .dropout(adapter.dropout())
                .weightForm(adapter.weightForm())
                .targetModules(adapter.layers().keySet().toArray(String[]::new));
        adapter.layers().forEach((name, factors) -> builder.rankPattern("^" + Pattern.quote(name), factors.rank()));
        adapter.alphas().forEach((name, alpha) -> builder.alphaPattern("^" + Pattern.quote(name), alpha));
        return builder.rank(1).alpha(1).build();
    }

    private static FrozenWeights withBiases(FrozenWeights weights, PeftAdapter adapter) {
        if (adapter.biases().isEmpty()) {
            return weights;
        }
        Map<String, INDArray> replaced = new LinkedHashMap<>();
        adapter.biases().forEach((name, values) -> {
            if (!weights.names().contains(name) || weights.get(name).length() != values.length()) {
                throw refused(
                        adapter,
                        "the adapter has a bias " + name + " of " + values.length()
                                + " values, which this model has not: it was made for another base");
            }
            INDArray own = weights.get(name);
            replaced.put(name, values.castTo(own.dataType()).reshape(own.shape()));
        });
        return weights.with(replaced);
    }

    private static void putHead(AdaptedModel model, PeftAdapter adapter) {
        Map<String, INDArray> saved = adapter.saved();
        Set<String> left = new LinkedHashSet<>(saved.keySet());
        for (org.deeplearning4j.nn.api.Layer layer : model.graph().getLayers()) {
            if (layer instanceof LoraLinearLayer || layer.numParams() == 0) {
                continue;
            }
            String name = layer.conf().getLayer().getLayerName();
            layer.paramTable(false).forEach((key, values) -> {
                String tensor = name + (key.equals(DefaultParamInitializer.WEIGHT_KEY) ? ".weight" : ".bias");
                INDArray own = saved.get(tensor);
                if (own == null) {
                    throw refused(
                            adapter,
                            "the adapter has no " + tensor + ": it holds no trained head, which a classifier needs");
                }
                // DL4J's vectors have one dimension or two.
                boolean vector = own.rank() == 1 && own.length() == values.length();
                INDArray fitting = vector ? own.reshape(values.shape()) : own;
                if (!values.equalShapes(fitting)) {
                    throw refused(
                            adapter,
                            "the adapter's " + tensor + " has shape "
                                    + java.util.Arrays.toString(own.shape()) + ", this model's "
                                    + java.util.Arrays.toString(values.shape())
                                    + ": the number of labels or the hidden size differs");
                }
                assign(values, fitting);
                left.remove(tensor);
            });
        }
        if (!left.isEmpty()) {
            throw refused(
                    adapter,
                    "the adapter holds " + String.join(", ", left)
                            + ", for which this model has no layer: it was made for another head");
        }
    }

    private static void assign(INDArray target, INDArray values) {
        target.assign(values.castTo(target.dataType()));
    }
}
