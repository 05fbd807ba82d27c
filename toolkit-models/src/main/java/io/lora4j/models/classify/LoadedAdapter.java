package io.lora4j.models.classify;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.peft.PeftAdapter;
import io.lora4j.models.peft.PeftAdapterReader;
import io.lora4j.models.peft.PeftModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An adapter folder together with the base it belongs to: what predicting, evaluating and exporting start from.
 *
 * @param base the pre-trained model; its arrays are shared and must not be written
 * @param adapter what the folder holds, relative to the untouched base
 * @param labels the labels' names in the order of the outputs; empty for a regression, whose head has one output
 * @param pooling how a sequence becomes a vector
 * @param maxLength the most tokens of an example, special tokens included
 */
public record LoadedAdapter(
        PretrainedModel base, PeftAdapter adapter, List<String> labels, Pooling pooling, int maxLength) {
    private static final DataType DTYPE = DataType.FLOAT;

    /** Copies the list. */
    public LoadedAdapter {
        labels = List.copyOf(labels);
    }

    /**
     * Reads an adapter folder and its base.
     *
     * @param store where bases are
     * @param model the base: a known name or a Hugging Face folder; null for the one that the adapter names
     * @param folder a folder that a run or PEFT wrote
     * @return both
     * @throws UserException if a file is missing or damaged, or the adapter was made for another base; the message tells which
     */
    public static LoadedAdapter read(ModelStore store, @Nullable String model, Path folder) {
        ClassifierInfo info = ClassifierInfo.read(folder);
        PeftAdapter adapter = PeftAdapterReader.read(folder, DTYPE);
        String name = model == null ? info.baseModel() : model;
        if (name == null) {
            throw new UserException(folder + " does not say which base it belongs to: name it with --model");
        }
        PretrainedModel base = store.load(name, DTYPE);
        String sha256 = info.baseSha256();
        if (sha256 != null && !sha256.equals(base.sha256())) {
            throw new UserException("the adapter " + folder + " was trained over weights with the checksum " + sha256
                    + ", those of " + name + " have " + base.sha256() + ": name the base it belongs to with --model");
        }
        int outputs = outputs(folder, adapter, EncoderGraph.outputLayer(base.config(), info.pooling()));
        List<String> labels = info.labels().isEmpty() && outputs > 1
                ? IntStream.range(0, outputs).mapToObj(i -> "LABEL_" + i).toList()
                : info.labels();
        if (labels.size() != (outputs == 1 ? 0 : outputs)) {
            throw new UserException("the adapter " + folder + " names " + labels.size() + " labels, its head has "
                    + outputs + " outputs");
        }
        int positions = base.config().maxPositions();
        int maxLength = info.maxLength() > 0 ? Math.min(info.maxLength(), positions) : positions;
        return new LoadedAdapter(base, adapter, labels, info.pooling(), maxLength);
    }

    /**
     * Whether numbers are predicted instead of labels.
     *
     * @return true for a head of one output
     */
    public boolean regression() {
        return labels.isEmpty();
    }

    /**
     * The number of the head's outputs.
     *
     * @return the number of labels; 1 for a regression
     */
    public int outputs() {
        return regression() ? 1 : labels.size();
    }

    /**
     * What transformers call the kind of task.
     *
     * @param regression whether numbers are predicted
     * @return the value of {@code problem_type} in its configurations
     */
    public static String problemType(boolean regression) {
        return regression ? "regression" : "single_label_classification";
    }

    /**
     * What a reader of the adapter must know beside the weights, as {@link ClassifierInfo} reads it.
     *
     * @return key to value, for {@code lora4j_provenance.json}
     */
    public Map<String, Object> provenance() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("model", base.name());
        map.put("model_sha256", base.sha256());
        map.put("labels", labels);
        map.put("problem_type", problemType(regression()));
        map.put("pooling", pooling.name().toLowerCase(Locale.ROOT));
        map.put("max_length", maxLength);
        return map;
    }

    private static int outputs(Path folder, PeftAdapter adapter, String outputLayer) {
        INDArray bias = adapter.saved().get(outputLayer + "." + FrozenLinear.BIAS);
        if (bias == null) {
            throw new UserException("the adapter " + folder + " has no trained head (" + outputLayer + ")");
        }
        return (int) bias.length();
    }

    /**
     * The classifier's configuration without adapters, without dropout.
     *
     * @return a new configuration
     */
    public ComputationGraphConfiguration plain() {
        return EncoderGraph.classifier(base.config().withDropout(0, 0, 0), pooling, outputs(), DTYPE, 0);
    }

    /**
     * The adapter beside its base, as it was trained.
     *
     * @return a new model
     */
    public AdaptedModel adapted() {
        return PeftModel.of(plain(), base.weights(), adapter);
    }

    /**
     * The adapter merged into the base: no adapter is left, and the layers that had one have a matrix of their own.
     *
     * @return a new model with the trained head
     */
    public AdaptedModel merged() {
        AdaptedModel adapted = adapted();
        Map<String, INDArray> merged = new LinkedHashMap<>();
        adapted.adapters().forEach((name, layer) -> merged.put(name + "." + FrozenLinear.WEIGHT, layer.mergedWeight()));
        FrozenWeights weights = adapted.weights().with(merged);
        AdaptedModel plain = AdaptedModel.of(plain(), weights);
        for (Layer layer : plain.graph().getLayers()) {
            String name = layer.conf().getLayer().getLayerName();
            layer.paramTable(false)
                    .forEach((key, values) ->
                            values.assign(adapted.graph().getLayer(name).getParam(key)));
        }
        return plain;
    }
}
