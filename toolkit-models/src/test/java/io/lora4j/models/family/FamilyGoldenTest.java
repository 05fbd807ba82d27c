package io.lora4j.models.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.encoder.TrainableWeights;
import io.lora4j.train.RandomStreams;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Every family against Hugging Face transformers and torch autograd in float64, on tiny random checkpoints (golden files written by {@code
 * make_families.py}): sequences of different lengths, padded there and packed here, pairs included.
 */
@Tag("golden")
class FamilyGoldenTest {
    private static final double TOLERANCE = 1e-8;

    private static AdaptedModel classifier(TinyFamily tiny, DataType type) {
        FrozenWeights weights = tiny.weights(type);
        AdaptedModel model =
                AdaptedModel.of(EncoderGraph.classifier(tiny.config, Pooling.CLS, TinyFamily.LABELS, type, 1), weights);
        TinyFamily.setHead(model.graph(), weights);
        return model;
    }

    private static void assertForward(
            TinyFamily tiny, JsonNode ids, JsonNode expected, DataType type, double tolerance) {
        FrozenWeights weights = tiny.weights(type);
        ComputationGraph all = AdaptedModel.of(
                        EncoderGraph.classifierOfAllRows(tiny.config, Pooling.CLS, TinyFamily.LABELS, type, 1), weights)
                .graph();
        TinyFamily.setHead(all, weights);
        Map<String, INDArray> activations = all.feedForward(tiny.features(ids), false);
        String rows = all.getConfiguration()
                .getVertexInputs()
                .get(EncoderGraph.POOLING)
                .get(0);
        assertClose(TinyFamily.doubles(expected.get("hidden")), activations.get(rows), tolerance, "hidden rows");
        assertLogits(all, activations, expected, tolerance);
        ComputationGraph graph = classifier(tiny, type).graph();
        assertLogits(graph, graph.feedForward(tiny.features(ids), false), expected, tolerance);
    }

    private static void assertLogits(
            ComputationGraph graph, Map<String, INDArray> activations, JsonNode expected, double tolerance) {
        ComputationGraphConfiguration conf = graph.getConfiguration();
        String output = EncoderGraph.outputLayer(conf);
        INDArray last = activations.get(conf.getVertexInputs().get(output).get(0));
        INDArray logits = last.mmul(graph.getParam(output + "_W"))
                .addiRowVector(graph.getParam(output + "_b").reshape(3));
        assertClose(TinyFamily.doubles(expected.get("logits")), logits, tolerance, "logits");
        INDArray probabilities = Transforms.softmax(TinyFamily.doubles(expected.get("logits")));
        assertClose(probabilities, activations.get(output), tolerance, "probabilities");
    }

    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void hiddenRowsAndLogits(String name) {
        TinyFamily tiny = new TinyFamily(name);
        JsonNode expected = tiny.expected;
        assertForward(tiny, expected.get("input_ids"), expected, DataType.DOUBLE, TOLERANCE);
        assertForward(tiny, expected.get("input_ids"), expected, DataType.FLOAT, 1e-5);
    }

    /** RoBERTa gives the padding token its own position wherever it stands, and counts on after it. */
    @ParameterizedTest
    @ValueSource(strings = {"roberta", "xlm-roberta"})
    void thePaddingTokenInsideAText(String name) {
        TinyFamily tiny = new TinyFamily(name);
        JsonNode expected = tiny.expected.get("inner_pad");
        assertForward(tiny, expected.get("input_ids"), expected, DataType.DOUBLE, TOLERANCE);
    }

    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void lossAndGradientOfEveryFrozenLinearWeightAndOfTheHead(String name) {
        TinyFamily tiny = new TinyFamily(name);
        AdaptedModel model = classifier(tiny, DataType.DOUBLE);
        Set<String> linears = model.linears().keySet();
        MultiDataSet batch = tiny.batch(DataType.DOUBLE);

        WeightGradients gradients =
                new GradientEstimator(DataType.DOUBLE, new RandomStreams(1)).estimate(model, linears, List.of(batch));

        Map<String, INDArray> golden = tiny.gradients();
        assertTrue(linears.size() >= 12, linears.toString());
        linears.forEach(l -> assertClose(golden.get(l + ".weight"), gradients.mean(l), TOLERANCE, l));
        Map<String, INDArray> trained = gradientsByTensor(model.graph(), batch, tiny);
        assertEquals(
                2 * EncoderGraph.headLayers(model.graph().getConfiguration()).size(), trained.size());
        trained.forEach((tensor, actual) -> assertClose(golden.get(tensor), actual, TOLERANCE, tensor));
    }

    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void fullFineTuningHasTheGradientOfEveryParameter(String name) {
        TinyFamily tiny = new TinyFamily(name);
        FrozenWeights weights = tiny.weights(DataType.DOUBLE);
        ComputationGraph graph = new ComputationGraph(
                EncoderGraph.trainableClassifier(tiny.config, Pooling.CLS, TinyFamily.LABELS, DataType.DOUBLE, 1));
        graph.init();
        TrainableWeights.copyInto(graph, weights);
        TinyFamily.setHead(graph, weights);

        Map<String, INDArray> actual = gradientsByTensor(graph, tiny.batch(DataType.DOUBLE), tiny);

        Map<String, INDArray> golden = tiny.gradients();
        assertEquals(golden.keySet(), new HashSet<>(actual.keySet()));
        golden.forEach((tensor, expected) -> {
            INDArray gradient = actual.get(tensor);
            if (tensor.endsWith("word_embeddings.weight")) {
                // Only the batch's rows are in the file; all others have no gradient.
                assertEquals(
                        expected.norm1Number().doubleValue(),
                        gradient.norm1Number().doubleValue(),
                        TOLERANCE * gradient.length());
                gradient = gradient.getRows(tiny.wordRows());
            }
            assertClose(expected, gradient, TOLERANCE, tensor);
        });
        assertEquals(tiny.expected.get("loss").asDouble(), graph.score(), TOLERANCE);
    }

    /** Checkpoint name to the mean gradient over the batch, from the names that DL4J gives them. */
    private static Map<String, INDArray> gradientsByTensor(
            ComputationGraph graph, MultiDataSet batch, TinyFamily tiny) {
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.computeGradientAndScore();
        assertEquals(tiny.expected.get("loss").asDouble(), graph.score(), TOLERANCE, "loss");
        Map<String, INDArray> named = new LinkedHashMap<>();
        graph.gradient().gradientForVariable().forEach((key, sum) -> {
            int split = key.lastIndexOf('_');
            String tensor =
                    switch (key.substring(split + 1)) {
                        case "W", "weight" -> "weight";
                        case "b", "bias" -> "bias";
                        case "word" -> "word_embeddings.weight";
                        case "position" -> "position_embeddings.weight";
                        case "type" -> "token_type_embeddings.weight";
                        default -> throw new AssertionError(key);
                    };
            INDArray gradient = sum.div(batch.getLabels(0).size(0));
            named.put(
                    key.substring(0, split) + "." + tensor,
                    tensor.equals("bias") ? gradient.reshape(gradient.length()) : gradient);
        });
        return named;
    }

    private static void assertClose(INDArray expected, INDArray actual, double tolerance, String what) {
        assertArrayEquals(expected.shape(), actual.shape(), what);
        double worst = expected.sub(actual.castTo(DataType.DOUBLE)).amaxNumber().doubleValue();
        assertEquals(0, worst, tolerance, what);
    }
}
