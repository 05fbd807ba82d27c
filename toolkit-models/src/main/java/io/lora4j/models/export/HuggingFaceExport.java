package io.lora4j.models.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenLinear;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.SafetensorsWriter;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.classify.MergedFolder;
import io.lora4j.models.classify.TextClassifier;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.peft.LogitDifference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A classifier as a Hugging Face folder, with the adapter merged in: {@code AutoModelForSequenceClassification.from_pretrained} loads it,
 * and so does {@link TextClassifier#load(Path)}.
 *
 * <p>{@code config.json} is the base's with the labels and the class that computes this head; {@code model.safetensors} has every
 * tensor under its Hugging Face name; the tokenizer's files are copied.
 */
public final class HuggingFaceExport {
    /** Files of a tokenizer that are copied if the base has them. */
    private static final List<String> TOKENIZER = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.txt",
            "vocab.json",
            "merges.txt");

    /** What follows the family's name in transformers' classes: BertModel, BertForMaskedLM. */
    private static final Pattern CLASS_OF = Pattern.compile("(Model|For[A-Z]\\w*)$");

    private HuggingFaceExport() {}

    /**
     * Writes the folder.
     *
     * @param adapter the adapter and its base
     * @param target the folder; must not exist, or be empty
     * @return the largest difference of logits between the adapter and what the folder gives when it is read back
     * @throws UserException if the target is taken, the disk refuses, or the classifier has a pooling that no class of transformers has
     */
    public static ExportCheck write(LoadedAdapter adapter, Path target) {
        if (adapter.pooling() != Pooling.CLS) {
            throw new UserException(
                    "the classifier's pooling is not cls, and no sequence classifier of transformers has"
                            + " another: export it as onnx, dl4j or peft, or train with model.pooling=cls");
        }
        AdaptedModel merged = adapter.merged();
        MultiDataSet samples = Samples.of(adapter.base());
        INDArray trained = adapter.adapted().graph().outputSingle(false, samples.getFeatures());
        double[] difference = new double[1];
        FolderInPlace.write(target, folder -> {
            SafetensorsWriter.write(folder.resolve(HuggingFaceFolder.WEIGHTS), tensors(merged), Map.of("format", "pt"));
            JsonFiles.write(folder.resolve(HuggingFaceFolder.CONFIG), config(adapter));
            copyTokenizer(adapter.base().folder(), folder);
            writeLength(folder.resolve(MergedFolder.TOKENIZER_CONFIG), adapter.maxLength());
            difference[0] = LogitDifference.of(
                    trained, MergedFolder.read(folder).model().graph().outputSingle(false, samples.getFeatures()));
        });
        return ExportCheck.ofLogits(difference[0]);
    }

    private static Map<String, INDArray> tensors(AdaptedModel merged) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (String name : merged.weights().names()) {
            INDArray array = merged.weights().get(name);
            boolean linear = name.endsWith("." + FrozenLinear.WEIGHT)
                    && merged.linears()
                            .containsKey(name.substring(0, name.length() - FrozenLinear.WEIGHT.length() - 1));
            tensors.put(name, linear ? array.transpose() : array);
        }
        for (String name : EncoderGraph.headLayers(merged.graph().getConfiguration())) {
            Layer layer = merged.graph().getLayer(name);
            INDArray bias = layer.getParam(DefaultParamInitializer.BIAS_KEY);
            tensors.put(
                    name + ".weight",
                    layer.getParam(DefaultParamInitializer.WEIGHT_KEY).transpose());
            tensors.put(name + ".bias", bias.reshape(bias.length()));
        }
        return tensors;
    }

    private static ObjectNode config(LoadedAdapter adapter) {
        ObjectNode config = JsonFiles.read(adapter.base().folder().resolve(HuggingFaceFolder.CONFIG));
        String base = config.path("architectures").path(0).asText();
        if (base.isEmpty()) {
            config.remove("architectures");
        } else {
            config.putArray("architectures").add(CLASS_OF.matcher(base).replaceFirst("ForSequenceClassification"));
        }
        ObjectNode names = config.putObject("id2label");
        ObjectNode numbers = config.putObject("label2id");
        for (int i = 0; i < adapter.outputs(); i++) {
            // what transformers call the output of a regression
            String name = adapter.regression() ? "LABEL_0" : adapter.labels().get(i);
            names.put(Integer.toString(i), name);
            numbers.put(name, i);
        }
        config.put("num_labels", adapter.outputs());
        config.put("problem_type", LoadedAdapter.problemType(adapter.regression()));
        return config;
    }

    /** The length that the classifier was trained with: transformers' tokenizers take it from here. */
    private static void writeLength(Path file, int maxLength) {
        ObjectNode json = Files.exists(file) ? JsonFiles.read(file) : JsonNodeFactory.instance.objectNode();
        json.put(MergedFolder.MAX_LENGTH, maxLength);
        JsonFiles.write(file, json);
    }

    private static void copyTokenizer(Path from, Path to) {
        for (String name : TOKENIZER) {
            try {
                if (Files.isRegularFile(from.resolve(name))) {
                    Files.copy(from.resolve(name), to.resolve(name));
                }
            } catch (IOException e) {
                throw new UserException("cannot copy " + from.resolve(name) + ": " + AtomicFile.reason(e), e);
            }
        }
    }
}
