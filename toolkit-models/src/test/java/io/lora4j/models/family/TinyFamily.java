package io.lora4j.models.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderGraph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A tiny random checkpoint of one family, and what transformers computes from it; written by {@code make_families.py}. */
final class TinyFamily {
    /** The folders; {@code electra-unprojected} is ELECTRA with embeddings as wide as its rows. */
    static final String[] NAMES = {"bert", "roberta", "xlm-roberta", "distilbert", "electra", "electra-unprojected"};

    static final int LABELS = 3;

    final Path folder;
    final EncoderConfig config;
    final JsonNode expected;

    TinyFamily(String name) {
        folder = Path.of("src/test/resources/golden/families", name);
        config = HuggingFaceFolder.open(folder).config().withDropout(0, 0, 0);
        try {
            expected =
                    new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FrozenWeights weights(DataType type) {
        return HuggingFaceFolder.open(folder).weights(type);
    }

    /** The gradient of every parameter of the checkpoint, linear ones as [in, out]. */
    Map<String, INDArray> gradients() {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("gradient.safetensors"))) {
            for (String name : file.names()) {
                if (!name.equals("word_rows")) {
                    INDArray array = file.read(name, DataType.DOUBLE);
                    boolean table = name.contains("_embeddings.weight");
                    arrays.put(name, array.rank() == 2 && !table ? array.transpose() : array);
                }
            }
        }
        return arrays;
    }

    /** The rows of the word table that have a gradient in the file. */
    int[] wordRows() {
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("gradient.safetensors"))) {
            return file.read("word_rows", DataType.DOUBLE).toIntVector();
        }
    }

    /** Gives a classifier the checkpoint's own head. */
    static void setHead(ComputationGraph graph, FrozenWeights weights) {
        for (String layer : EncoderGraph.headLayers(graph.getConfiguration())) {
            INDArray bias = graph.getParam(layer + "_b");
            graph.getParam(layer + "_W").assign(weights.get(layer + ".weight"));
            bias.assign(weights.get(layer + ".bias").reshape(bias.shape()));
        }
    }

    MultiDataSet batch(DataType type) {
        return new MultiDataSet(features(expected.get("input_ids")), new INDArray[] {labels(type)});
    }

    INDArray[] features(JsonNode ids) {
        return new INDArray[] {ints(expected.get("layout")), ints(ids), ints(expected.get("token_type_ids"))};
    }

    private INDArray labels(DataType type) {
        JsonNode labels = expected.get("labels");
        INDArray oneHot = Nd4j.create(type, labels.size(), LABELS);
        for (int i = 0; i < labels.size(); i++) {
            oneHot.putScalar(i, labels.get(i).asInt(), 1);
        }
        return oneHot;
    }

    private static INDArray ints(JsonNode rows) {
        return doubles(rows).castTo(DataType.INT32);
    }

    /** A matrix. */
    static INDArray doubles(JsonNode rows) {
        double[][] values = new double[rows.size()][rows.get(0).size()];
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values[i].length; j++) {
                values[i][j] = rows.get(i).get(j).asDouble();
            }
        }
        return Nd4j.createFromArray(values);
    }
}
