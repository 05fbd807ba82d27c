package io.lora4j.models.classify;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A Hugging Face folder that holds a whole classifier: a fine-tuned one, or base and adapter merged.
 *
 * @param model the classifier; nothing of it is trainable but the head
 * @param labels the labels' names in the order of the outputs: {@code id2label}, else LABEL_0, LABEL_1, ...; empty for a regression, which is
 *     a head of one output (transformers' own rule, unless {@code problem_type} says otherwise)
 * @param maxLength the most tokens of an example: {@value #MAX_LENGTH} of {@value #TOKENIZER_CONFIG}, at most the encoder's positions
 */
public record MergedFolder(AdaptedModel model, List<String> labels, int maxLength) {
    /** Name of the file that has the length. */
    public static final String TOKENIZER_CONFIG = "tokenizer_config.json";
    /** Its key in that file. */
    public static final String MAX_LENGTH = "model_max_length";

    private static final String REGRESSION = LoadedAdapter.problemType(true);

    /** Copies the list. */
    public MergedFolder {
        labels = List.copyOf(labels);
    }

    /**
     * Reads a folder.
     *
     * @param folder {@code config.json}, {@code model.safetensors}, {@code tokenizer.json}
     * @return the classifier, with the family's own head
     * @throws UserException if a file is missing or damaged, or there is no head in it
     */
    public static MergedFolder read(Path folder) {
        HuggingFaceFolder files = HuggingFaceFolder.open(folder);
        FrozenWeights weights = files.weights(DataType.FLOAT);
        EncoderConfig config = files.config().withDropout(0, 0, 0);
        int outputs = outputs(folder, config, weights);
        ComputationGraphConfiguration configuration =
                EncoderGraph.classifier(config, Pooling.CLS, outputs, DataType.FLOAT, 0);
        AdaptedModel model = AdaptedModel.of(configuration, weights);
        for (String layer : EncoderGraph.headLayers(configuration)) {
            INDArray w = model.graph().getLayer(layer).getParam(DefaultParamInitializer.WEIGHT_KEY);
            INDArray b = model.graph().getLayer(layer).getParam(DefaultParamInitializer.BIAS_KEY);
            w.assign(weights.get(layer + ".weight"));
            b.assign(weights.get(layer + ".bias").reshape(b.shape()));
        }
        return new MergedFolder(model, labels(folder, outputs), maxLength(folder, config.maxPositions()));
    }

    /** Transformers writes an enormous number where nobody set a length. */
    private static int maxLength(Path folder, int positions) {
        Path file = folder.resolve(TOKENIZER_CONFIG);
        double length =
                Files.exists(file) ? JsonFiles.read(file).path(MAX_LENGTH).asDouble() : 0;
        return length >= 1 && length < positions ? (int) length : positions;
    }

    private static int outputs(Path folder, EncoderConfig config, FrozenWeights weights) {
        String output = EncoderGraph.outputLayer(config, Pooling.CLS);
        String bias = output + ".bias";
        if (!weights.names().contains(bias)) {
            throw new UserException(folder + " holds an encoder without a trained head (" + bias
                    + "): give an adapter's folder, or a model that was fine-tuned for classification");
        }
        return (int) weights.get(bias).length();
    }

    private static List<String> labels(Path folder, int outputs) {
        JsonNode config = JsonFiles.read(folder.resolve(HuggingFaceFolder.CONFIG));
        if (outputs == 1) {
            String problem = config.path("problem_type").asText(REGRESSION);
            if (!problem.equals(REGRESSION)) {
                throw new UserException(folder + " has a head of one output and the problem_type " + problem
                        + ": with one output only a regression can be read");
            }
            return List.of();
        }
        JsonNode names = config.path("id2label");
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            labels.add(names.path(Integer.toString(i)).asText("LABEL_" + i));
        }
        return labels;
    }
}
