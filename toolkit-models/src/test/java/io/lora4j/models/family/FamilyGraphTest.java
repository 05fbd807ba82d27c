package io.lora4j.models.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class FamilyGraphTest {
    private static ComputationGraphConfiguration classifier(TinyFamily tiny, Pooling pooling, long headSeed) {
        return EncoderGraph.classifier(tiny.config, pooling, TinyFamily.LABELS, DataType.DOUBLE, headSeed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bert|classifier",
                "roberta|classifier.dense classifier.out_proj",
                "xlm-roberta|classifier.dense classifier.out_proj",
                "distilbert|pre_classifier classifier",
                "electra|classifier.dense classifier.out_proj"
            })
    void theHeadIsTheFamilysOwnUnlessPoolingIsNot(String name, String layers) {
        TinyFamily tiny = new TinyFamily(name);
        List<String> own = List.of(layers.split(" "));
        assertEquals(own, EncoderGraph.headLayers(classifier(tiny, Pooling.CLS, 1)));
        assertEquals(own.get(own.size() - 1), EncoderGraph.outputLayer(classifier(tiny, Pooling.CLS, 1)));
        assertEquals(List.of("classifier"), EncoderGraph.headLayers(classifier(tiny, Pooling.MEAN, 1)));
        assertEquals(List.of("classifier"), EncoderGraph.headLayers(classifier(tiny, Pooling.FIRST_TOKEN, 1)));
        String target = name.equals("distilbert") ? "lin2" : "dense";
        LoraConfig lora = new LoraConfig(2, 4, Scaling.STANDARD, 0, List.of(target));
        ComputationGraphConfiguration adapted = AdapterInjector.inject(classifier(tiny, Pooling.CLS, 1), lora);
        assertEquals(own, EncoderGraph.headLayers(adapted), "no adapter in the head");
    }

    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void allLinearIsSixMapsOfEveryLayer(String name) {
        TinyFamily tiny = new TinyFamily(name);
        LoraConfig lora =
                new LoraConfig(2, 4, Scaling.STANDARD, 0, tiny.config.family().allLinear());
        List<String> targets = AdapterInjector.targets(classifier(tiny, Pooling.CLS, 1), lora);
        assertEquals(12, targets.size(), targets.toString());
        assertTrue(
                targets.stream().allMatch(t -> t.contains(".layer.0.") || t.contains(".layer.1.")), targets.toString());
        AdaptedModel model = AdaptedModel.of(
                AdapterInjector.inject(classifier(tiny, Pooling.CLS, 1), lora), tiny.weights(DataType.DOUBLE));
        assertEquals(12, model.adapters().size());
    }

    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void configurationsSurviveJson(String name) {
        TinyFamily tiny = new TinyFamily(name);
        for (Pooling pooling : Pooling.values()) {
            for (ComputationGraphConfiguration original : List.of(
                    classifier(tiny, pooling, 9),
                    EncoderGraph.trainableClassifier(tiny.config, pooling, 3, DataType.DOUBLE, 9),
                    EncoderGraph.head(tiny.config, pooling, 3, DataType.DOUBLE, 9))) {
                assertEquals(original, ComputationGraphConfiguration.fromJson(original.toJson()));
                assertEquals(original, original.clone());
            }
        }
    }

    /** Two new layers have different weights, and both follow from the head's seed. */
    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void theHeadDependsOnItsSeedAlone(String name) {
        TinyFamily tiny = new TinyFamily(name);
        ComputationGraph first = initialised(classifier(tiny, Pooling.CLS, 7));
        Nd4j.rand(5);
        ComputationGraph alone = initialised(EncoderGraph.head(tiny.config, Pooling.CLS, 3, DataType.DOUBLE, 7));
        ComputationGraph other = initialised(classifier(tiny, Pooling.CLS, 8));
        Set<Double> values = new HashSet<>();
        for (String layer : EncoderGraph.headLayers(first.getConfiguration())) {
            INDArray weight = first.getParam(layer + "_W");
            assertEquals(weight, alone.getParam(layer + "_W"), layer);
            assertNotEquals(weight, other.getParam(layer + "_W"), layer);
            assertEquals(0, first.getParam(layer + "_b").norm1Number().doubleValue());
            assertEquals(0.02, weight.norm2Number().doubleValue() / Math.sqrt((double) weight.length()), 0.01, layer);
            for (double value : weight.dup('c').data().asDouble()) {
                assertTrue(values.add(value), layer);
            }
        }
    }

    private static ComputationGraph initialised(ComputationGraphConfiguration configuration) {
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        return graph;
    }

    /** The encoder's second output through the head alone is the whole classifier. */
    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void encoderAndHeadAreTheClassifierForEveryPooling(String name) {
        TinyFamily tiny = new TinyFamily(name);
        FrozenWeights weights = tiny.weights(DataType.DOUBLE);
        INDArray[] features = tiny.batch(DataType.DOUBLE).getFeatures();
        for (Pooling pooling : Pooling.values()) {
            ComputationGraph whole =
                    AdaptedModel.of(classifier(tiny, pooling, 7), weights).graph();
            ComputationGraph encoder = AdaptedModel.of(
                            EncoderGraph.encoder(tiny.config, pooling, DataType.DOUBLE), weights)
                    .graph();
            ComputationGraph head = initialised(EncoderGraph.head(tiny.config, pooling, 3, DataType.DOUBLE, 7));
            INDArray expected = whole.outputSingle(features);
            INDArray actual = head.outputSingle(encoder.output(features)[1]);
            assertEquals(0, expected.sub(actual).amaxNumber().doubleValue(), 1e-12, pooling.name());
        }
    }

    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void eachSequenceAloneGivesTheRowsOfTheBatch(String name) {
        TinyFamily tiny = new TinyFamily(name);
        ComputationGraph graph = AdaptedModel.of(
                        EncoderGraph.encoder(tiny.config, DataType.DOUBLE), tiny.weights(DataType.DOUBLE))
                .graph();
        INDArray[] batch = tiny.batch(DataType.DOUBLE).getFeatures();
        INDArray[] together = graph.output(batch);
        int[] lengths = {18, 1, 7, 12, 4};
        assertArrayEquals(new long[] {42, 8}, together[0].shape());
        int row = 0;
        for (int b = 0; b < lengths.length; b++) {
            INDArray[] alone = new INDArray[3];
            for (int i = 0; i < 3; i++) {
                alone[i] = batch[i].get(NDArrayIndex.interval(b, b + 1), NDArrayIndex.interval(0, lengths[b]));
            }
            INDArray[] result = graph.output(alone);
            INDArray rows = together[0].get(NDArrayIndex.interval(row, row + lengths[b]), NDArrayIndex.all());
            assertEquals(0, rows.sub(result[0]).amaxNumber().doubleValue(), 1e-10, "rows of sequence " + b);
            INDArray pooled = together[1].get(NDArrayIndex.interval(b, b + 1), NDArrayIndex.all());
            assertEquals(0, pooled.sub(result[1]).amaxNumber().doubleValue(), 1e-10, "vector of sequence " + b);
            row += lengths[b];
        }
    }

    /** Each of the three rates acts in every family: twice the same batch in training gives different scores. */
    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void everyDropoutActsInTraining(String name) {
        TinyFamily tiny = new TinyFamily(name);
        double[][] rates = {{0.4, 0, 0}, {0, 0.4, 0}, {0, 0, 0.4}, {0, 0, 0}};
        for (double[] rate : rates) {
            FrozenWeights weights = tiny.weights(DataType.DOUBLE);
            ComputationGraph graph = AdaptedModel.of(
                            EncoderGraph.classifier(
                                    tiny.config.withDropout(rate[0], rate[1], rate[2]),
                                    Pooling.CLS,
                                    3,
                                    DataType.DOUBLE,
                                    1),
                            weights)
                    .graph();
            TinyFamily.setHead(graph, weights);
            double first = trainingScore(graph, tiny);
            double second = trainingScore(graph, tiny);
            assertEquals(
                    rate[0] + rate[1] + rate[2] == 0, first == second, name + " " + List.of(rate[0], rate[1], rate[2]));
        }
    }

    private static double trainingScore(ComputationGraph graph, TinyFamily tiny) {
        var batch = tiny.batch(DataType.DOUBLE);
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.computeGradientAndScore();
        return graph.score();
    }
}
