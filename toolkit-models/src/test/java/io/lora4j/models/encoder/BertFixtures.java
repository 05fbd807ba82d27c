package io.lora4j.models.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.family.EncoderFamilies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The tiny BERT of the golden files, and small encoders with random weights. */
final class BertFixtures {
    private BertFixtures() {}

    static Path golden(String file) {
        try {
            return Path.of(Objects.requireNonNull(BertFixtures.class.getResource("/golden/peft_fixture/" + file), file)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static JsonNode json(String file) {
        try {
            return new ObjectMapper().readTree(golden(file).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every tensor of a file under its own name; matrices of linear maps turned to [in, out]. */
    static Map<String, INDArray> tensors(String file) {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        try (SafetensorsFile tensors = SafetensorsFile.open(golden(file))) {
            for (String name : tensors.names()) {
                INDArray array = tensors.read(name, DataType.DOUBLE);
                boolean linear = array.rank() == 2 && !name.contains("embeddings");
                arrays.put(name, linear ? array.transpose() : array);
            }
        }
        return arrays;
    }

    static EncoderConfig tinyConfig() {
        return EncoderFamilies.read(golden("tiny_bert_base/config.json"));
    }

    /** The tiny BERT classifier in float64 with the checkpoint's own head. */
    static AdaptedModel tinyClassifier() {
        Map<String, INDArray> tensors = tensors("tiny_bert_base/model.safetensors");
        AdaptedModel model = AdaptedModel.of(
                EncoderGraph.classifier(tinyConfig(), Pooling.CLS, 2, DataType.DOUBLE, 1), new FrozenWeights(tensors));
        setHead(model.graph(), tensors);
        return model;
    }

    static void setHead(ComputationGraph graph, Map<String, INDArray> tensors) {
        graph.getParam("classifier_W").assign(tensors.get("classifier.weight"));
        graph.getParam("classifier_b").assign(tensors.get("classifier.bias"));
    }

    /** The batch of the golden traces. */
    static MultiDataSet tracesBatch() {
        JsonNode batch = json("training_traces.json").get("batch");
        INDArray labels = Nd4j.create(DataType.DOUBLE, 8, 2);
        for (int i = 0; i < 8; i++) {
            labels.putScalar(i, batch.get("labels").get(i).asInt(), 1);
        }
        return new MultiDataSet(
                new INDArray[] {
                    ints(batch.get("attention_mask")), ints(batch.get("input_ids")), ints(batch.get("token_type_ids"))
                },
                new INDArray[] {labels});
    }

    static INDArray ints(JsonNode rows) {
        int[][] values = new int[rows.size()][rows.get(0).size()];
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values[i].length; j++) {
                values[i][j] = rows.get(i).get(j).asInt();
            }
        }
        return Nd4j.createFromArray(values);
    }

    static double[][] doubles(JsonNode rows) {
        double[][] values = new double[rows.size()][rows.get(0).size()];
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values[i].length; j++) {
                values[i][j] = rows.get(i).get(j).asDouble();
            }
        }
        return values;
    }

    /** A BERT of given sizes and dropout rates. */
    static EncoderConfig bert(
            int vocab,
            int hidden,
            int layers,
            int heads,
            int intermediate,
            int positions,
            int types,
            double epsilon,
            double hiddenDropout,
            double attentionDropout,
            double classifierDropout,
            double range) {
        return new EncoderConfig(
                Objects.requireNonNull(EncoderFamilies.find("bert")),
                vocab,
                hidden,
                hidden,
                layers,
                heads,
                intermediate,
                positions,
                types,
                EmbeddingRows.FROM_ZERO,
                epsilon,
                HiddenActivation.GELU,
                hiddenDropout,
                attentionDropout,
                classifierDropout,
                range);
    }

    /** A small encoder whose sizes are all different, without dropout. */
    static EncoderConfig smallConfig() {
        return BertFixtures.bert(23, 12, 2, 3, 20, 9, 2, 1e-12, 0, 0, 0, 0.02);
    }

    /** Random frozen weights of an encoder. */
    static FrozenWeights randomWeights(EncoderConfig config, DataType type, long seed) {
        Random random = new Random(seed);
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        int h = config.hiddenSize();
        String embeddings = "bert.embeddings.";
        put(arrays, random, type, embeddings + "word_embeddings.weight", config.vocabSize(), h);
        put(arrays, random, type, embeddings + "position_embeddings.weight", config.maxPositions(), h);
        put(arrays, random, type, embeddings + "token_type_embeddings.weight", config.typeVocabSize(), h);
        putPair(arrays, random, type, embeddings + "LayerNorm", h);
        for (int i = 0; i < config.layers(); i++) {
            String layer = "bert.encoder.layer." + i + ".";
            for (String name : new String[] {"query", "key", "value"}) {
                putPair(arrays, random, type, layer + "attention.self." + name, h, h);
            }
            putPair(arrays, random, type, layer + "attention.output.dense", h, h);
            putPair(arrays, random, type, layer + "attention.output.LayerNorm", h);
            putPair(arrays, random, type, layer + "intermediate.dense", h, config.intermediateSize());
            putPair(arrays, random, type, layer + "output.dense", config.intermediateSize(), h);
            putPair(arrays, random, type, layer + "output.LayerNorm", h);
        }
        putPair(arrays, random, type, "bert.pooler.dense", h, h);
        return new FrozenWeights(arrays);
    }

    private static void putPair(
            Map<String, INDArray> arrays, Random random, DataType type, String name, long... shape) {
        put(arrays, random, type, name + ".weight", shape);
        put(arrays, random, type, name + ".bias", shape[shape.length - 1]);
    }

    private static void put(Map<String, INDArray> arrays, Random random, DataType type, String name, long... shape) {
        INDArray array = Nd4j.create(DataType.DOUBLE, shape, shape.length == 2 ? 'f' : 'c');
        // A matrix of deviation 1/sqrt(in) keeps rows of size 1, so that attention is neither flat nor saturated.
        double size = shape.length == 2 ? 1.5 / Math.sqrt((double) shape[0]) : 0.5;
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, size * random.nextGaussian());
        }
        boolean table = name.contains("embeddings.") && shape.length == 2;
        arrays.put(name, (table ? array.muli(2).dup('c') : array).castTo(type));
    }

    /** Features [layout, ids, types] of random sequences, padded to {@code width}. */
    static INDArray[] randomFeatures(EncoderConfig config, long seed, int width, int... lengths) {
        Random random = new Random(seed);
        int[][] layout = new int[lengths.length][width];
        int[][] ids = new int[lengths.length][width];
        int[][] types = new int[lengths.length][width];
        for (int b = 0; b < lengths.length; b++) {
            for (int t = 0; t < lengths[b]; t++) {
                layout[b][t] = 1;
                ids[b][t] = random.nextInt(config.vocabSize());
                types[b][t] = random.nextInt(Math.max(1, config.typeVocabSize()));
            }
        }
        return new INDArray[] {Nd4j.createFromArray(layout), Nd4j.createFromArray(ids), Nd4j.createFromArray(types)};
    }

    /** One-hot labels 0, 1, 2, ... modulo {@code labels}. */
    static INDArray oneHot(int examples, int labels, DataType type) {
        INDArray array = Nd4j.create(type, examples, labels);
        for (int i = 0; i < examples; i++) {
            array.putScalar(i, i % labels, 1);
        }
        return array;
    }
}
