package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.train.RandomStreams;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * The tiny BERT in float64 against Hugging Face transformers with torch autograd (golden files {@code training_traces.json} and {@code
 * tiny_bert_full_gradient_f64.safetensors}, written by {@code make_training_traces.py}).
 */
@Tag("golden")
class TinyBertGoldenTest {
    private static final double TOLERANCE = 1e-8;

    @ParameterizedTest
    @EnumSource(names = {"INT", "LONG", "FLOAT", "DOUBLE"})
    void logitsWithFeaturesOfAnyType(DataType featureType) {
        AdaptedModel model = BertFixtures.tinyClassifier();
        MultiDataSet batch = BertFixtures.tracesBatch();
        INDArray[] features = new INDArray[3];
        for (int i = 0; i < 3; i++) {
            features[i] = batch.getFeatures(i).castTo(featureType);
        }

        double[][] probabilities = model.graph().outputSingle(features).toDoubleMatrix();

        JsonNode logits = BertFixtures.json("training_traces.json").get("logits0");
        for (int i = 0; i < 8; i++) {
            double margin =
                    logits.get(i).get(1).asDouble() - logits.get(i).get(0).asDouble();
            assertEquals(margin, Math.log(probabilities[i][1] / probabilities[i][0]), TOLERANCE, "margin of " + i);
            assertEquals(1 / (1 + Math.exp(-margin)), probabilities[i][1], TOLERANCE, "probability of " + i);
        }
        // The logits themselves: pooled vectors times the head.
        INDArray pooled = model.graph().feedForward(features, false).get("bert.pooler.dense");
        INDArray actual = pooled.mmul(model.graph().getParam("classifier_W"))
                .addiRowVector(model.graph().getParam("classifier_b").reshape(2));
        double[][] expected = BertFixtures.doubles(logits);
        for (int i = 0; i < 8; i++) {
            assertArrayEquals(expected[i], actual.toDoubleMatrix()[i], TOLERANCE, "logits of " + i);
        }
    }

    @Test
    void lossAndClassifierGradient() {
        ComputationGraph graph = BertFixtures.tinyClassifier().graph();
        MultiDataSet batch = BertFixtures.tracesBatch();
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.computeGradientAndScore();

        double loss = BertFixtures.json("training_traces.json").get("loss0").asDouble();
        assertEquals(loss, graph.score(), TOLERANCE);
        Map<String, INDArray> golden = BertFixtures.tensors("tiny_bert_full_gradient_f64.safetensors");
        Gradient gradient = graph.gradient();
        assertClose(
                golden.get("classifier.weight"),
                gradient.getGradientFor("classifier_W").div(8),
                "W");
        assertClose(
                golden.get("classifier.bias"),
                gradient.getGradientFor("classifier_b").div(8).reshape(2),
                "b");
    }

    @Test
    void gradientOfEveryLinearWeight() {
        AdaptedModel model = BertFixtures.tinyClassifier();
        Set<String> layers = model.linears().keySet();
        assertEquals(13, layers.size());

        WeightGradients gradients = new GradientEstimator(DataType.DOUBLE, new RandomStreams(1))
                .estimate(model, layers, List.of(BertFixtures.tracesBatch()));

        Map<String, INDArray> golden = BertFixtures.tensors("tiny_bert_full_gradient_f64.safetensors");
        for (String layer : layers) {
            assertClose(golden.get(layer + ".weight"), gradients.mean(layer), layer);
        }
    }

    private static void assertClose(INDArray expected, INDArray actual, String what) {
        assertArrayEquals(expected.shape(), actual.shape(), what);
        double worst = expected.sub(actual).amaxNumber().doubleValue();
        assertEquals(0, worst, TOLERANCE, what);
    }
}
