package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.train.RandomStreams;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A classifier that computes only the first rows of its last layer is the same function as one that computes all, and so is its gradient. */
class FirstRowsOnlyTest {
    private static final DataType TYPE = DataType.DOUBLE;
    private static final int LABELS = 3;
    private static final double LIMIT = 1e-12;

    /** A tiny checkpoint of a family, cut to some layers. */
    private record Tiny(EncoderConfig config, FrozenWeights weights) {
        static Tiny of(String name, int layers) {
            HuggingFaceFolder folder = HuggingFaceFolder.open(
                    Path.of("src/test/resources/golden/families").resolve(name));
            EncoderConfig c = folder.config();
            EncoderConfig cut = new EncoderConfig(
                    c.family(),
                    c.vocabSize(),
                    c.embeddingSize(),
                    c.hiddenSize(),
                    layers,
                    c.heads(),
                    c.intermediateSize(),
                    c.maxPositions(),
                    c.typeVocabSize(),
                    c.padTokenId(),
                    c.layerNormEps(),
                    c.hiddenAct(),
                    0,
                    0,
                    0,
                    c.initializerRange());
            return new Tiny(cut, folder.weights(TYPE));
        }

        MultiDataSet batch() {
            return new MultiDataSet(
                    BertFixtures.randomFeatures(config, 6, 9, 9, 2, 5, 1),
                    new INDArray[] {BertFixtures.oneHot(4, LABELS, TYPE)});
        }

        AdaptedModel adapted(boolean all, Pooling pooling, WorkspaceMode workspaces) {
            ComputationGraphConfiguration base = all
                    ? EncoderGraph.classifierOfAllRows(config, pooling, LABELS, TYPE, 9)
                    : EncoderGraph.classifier(config, pooling, LABELS, TYPE, 9);
            base.setTrainingWorkspaceMode(workspaces);
            base.setInferenceWorkspaceMode(workspaces);
            LoraConfig lora =
                    new LoraConfig(2, 4, Scaling.STANDARD, 0, config.family().allLinear());
            AdaptedModel model = AdaptedModel.of(AdapterInjector.inject(base, lora), weights);
            randomize(model.graph());
            return model;
        }

        ComputationGraph trainable(boolean all, Pooling pooling) {
            ComputationGraph graph = new ComputationGraph(
                    all
                            ? EncoderGraph.classify(new EncoderBuilder(config, TYPE, true, LABELS, 9), pooling)
                            : EncoderGraph.trainableClassifier(config, pooling, LABELS, TYPE, 9));
            graph.init();
            randomize(graph);
            TrainableWeights.copyInto(graph, weights);
            return graph;
        }
    }

    private static void randomize(ComputationGraph graph) {
        // By name: the order in the flat vector is DL4J's topological one, in which the two graphs differ.
        graph.paramTable().forEach((name, parameter) -> {
            Random random = new Random(name.hashCode());
            INDArray values = Nd4j.create(TYPE, parameter.shape());
            for (long i = 0; i < values.length(); i++) {
                values.putScalar(i, 0.4 * random.nextGaussian());
            }
            parameter.assign(values);
        });
    }

    private static void assertSame(INDArray expected, INDArray actual, String what) {
        assertTrue(expected.amaxNumber().doubleValue() > 0, what + " is not zero");
        assertNear(expected, actual, what);
    }

    private static void assertNear(INDArray expected, INDArray actual, String what) {
        assertEquals(0, expected.sub(actual).amaxNumber().doubleValue(), LIMIT, what);
    }

    private static void assertSameFunction(ComputationGraph all, ComputationGraph first, MultiDataSet batch) {
        assertFalse(all.getConfiguration().getVertices().containsKey(EncoderGraph.FIRST_ROWS));
        assertTrue(first.getConfiguration().getVertices().containsKey(EncoderGraph.FIRST_ROWS));
        assertEquals(all.params().length(), first.params().length());
        assertSame(all.outputSingle(batch.getFeatures()), first.outputSingle(batch.getFeatures()), "output");
        for (ComputationGraph graph : List.of(all, first)) {
            graph.setInputs(batch.getFeatures());
            graph.setLabels(batch.getLabels());
            graph.computeGradientAndScore();
        }
        assertEquals(all.score(), first.score(), LIMIT, "loss");
        assertEquals(all.paramTable(), first.paramTable());
        Map<String, INDArray> gradients = all.gradient().gradientForVariable();
        assertEquals(gradients.keySet(), first.gradient().gradientForVariable().keySet());
        assertEquals(
                all.params().length(),
                gradients.values().stream().mapToLong(INDArray::length).sum());
        gradients.forEach(
                (name, gradient) -> assertNear(gradient, first.gradient().getGradientFor(name), name));
        assertTrue(all.gradient().gradient().norm2Number().doubleValue() > 1e-3, "something was checked");
    }

    @ParameterizedTest
    @CsvSource({
        "bert,1,CLS,ENABLED",
        "bert,2,CLS,ENABLED",
        "bert,2,CLS,NONE",
        "bert,2,FIRST_TOKEN,ENABLED",
        "roberta,2,CLS,ENABLED",
        "xlm-roberta,1,FIRST_TOKEN,ENABLED",
        "distilbert,1,CLS,ENABLED",
        "distilbert,2,CLS,ENABLED",
        "electra,1,CLS,NONE",
        "electra,2,CLS,ENABLED",
        "electra-unprojected,2,CLS,ENABLED"
    })
    void adaptersOnAllLinearLayers(String name, int layers, Pooling pooling, WorkspaceMode workspaces) {
        Tiny tiny = Tiny.of(name, layers);
        AdaptedModel first = tiny.adapted(false, pooling, workspaces);
        assertEquals(6 * layers, first.adapters().size());
        assertSameFunction(tiny.adapted(true, pooling, workspaces).graph(), first.graph(), tiny.batch());
    }

    @ParameterizedTest
    @CsvSource({
        "bert,1,CLS",
        "bert,2,FIRST_TOKEN",
        "roberta,1,CLS",
        "roberta,2,CLS",
        "distilbert,1,CLS",
        "distilbert,2,CLS",
        "electra,1,CLS",
        "electra,2,CLS"
    })
    void everyParameterTrained(String name, int layers, Pooling pooling) {
        Tiny tiny = Tiny.of(name, layers);
        assertSameFunction(tiny.trainable(true, pooling), tiny.trainable(false, pooling), tiny.batch());
    }

    /** dL/dW of every frozen linear map, the last layer's too. */
    @ParameterizedTest
    @CsvSource({"bert,1", "bert,2", "roberta,2", "distilbert,1", "distilbert,2", "electra,2"})
    void gradientsOfFrozenWeights(String name, int layers) {
        Tiny tiny = Tiny.of(name, layers);
        ComputationGraphConfiguration conf = EncoderGraph.classifier(tiny.config, Pooling.CLS, LABELS, TYPE, 9);
        LoraConfig every =
                new LoraConfig(1, 1, Scaling.STANDARD, 0, tiny.config.family().allLinear());
        Set<String> targets = new LinkedHashSet<>(AdapterInjector.targets(conf, every));
        assertEquals(6 * layers, targets.size());
        WeightGradients first = estimate(conf, tiny, targets);
        WeightGradients all =
                estimate(EncoderGraph.classifierOfAllRows(tiny.config, Pooling.CLS, LABELS, TYPE, 9), tiny, targets);
        for (String target : targets) {
            assertSame(all.mean(target), first.mean(target), target);
        }
    }

    private static WeightGradients estimate(ComputationGraphConfiguration conf, Tiny tiny, Set<String> targets) {
        AdaptedModel model = AdaptedModel.of(conf, tiny.weights);
        for (String layer : EncoderGraph.headLayers(conf)) {
            INDArray weight = model.graph().getParam(layer + "_W");
            Random random = new Random(11);
            for (long i = 0; i < weight.length(); i++) {
                weight.putScalar(i, random.nextGaussian());
            }
        }
        return new GradientEstimator(TYPE, new RandomStreams(3)).estimate(model, targets, List.of(tiny.batch()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert"})
    void onlyTheLastLayerAndOnlyWhereNobodyReadsMore(String name) {
        Tiny tiny = Tiny.of(name, 2);
        ComputationGraph graph =
                tiny.adapted(false, Pooling.CLS, WorkspaceMode.NONE).graph();
        var activations = graph.feedForward(tiny.batch().getFeatures(), false);
        int last = 0;
        for (var layer : activations.entrySet()) {
            if (layer.getKey().matches(".*layer\\.0\\..*|.*layer\\.1\\..*(key|value|k_lin|v_lin)")) {
                assertEquals(17, layer.getValue().size(0), layer.getKey());
            } else if (layer.getKey().contains("layer.1.")) {
                assertEquals(4, layer.getValue().size(0), layer.getKey());
                last++;
            }
        }
        assertEquals(8, last, "query, attention, output, two normalisations, two linear maps, activation");
        assertEquals(
                4, Objects.requireNonNull(activations.get(EncoderGraph.POOLING)).size(0));
        for (ComputationGraphConfiguration whole : List.of(
                EncoderGraph.classifier(tiny.config, Pooling.MEAN, LABELS, TYPE, 9),
                EncoderGraph.encoder(tiny.config, TYPE))) {
            assertFalse(whole.getVertices().containsKey(EncoderGraph.FIRST_ROWS));
        }
    }

    /** Graphs stored before there was a choice have neither key. */
    @Test
    void storedGraphsComputeAllRows() {
        Tiny tiny = Tiny.of("bert", 2);
        ComputationGraphConfiguration all = EncoderGraph.classifierOfAllRows(tiny.config, Pooling.CLS, LABELS, TYPE, 9);
        String json = all.toJson();
        String older = json.replaceAll(",\\s*\"(firstQueriesOnly|firstRowsOnly)\"\\s*:\\s*false", "")
                .replaceAll("\"(firstQueriesOnly|firstRowsOnly)\"\\s*:\\s*false\\s*,", "");
        assertTrue(json.contains("firstQueriesOnly") && json.contains("firstRowsOnly"));
        assertFalse(older.contains("firstQueriesOnly") || older.contains("firstRowsOnly"));
        assertEquals(all, ComputationGraphConfiguration.fromJson(older));
        ComputationGraphConfiguration first = EncoderGraph.classifier(tiny.config, Pooling.CLS, LABELS, TYPE, 9);
        ComputationGraphConfiguration read = ComputationGraphConfiguration.fromJson(first.toJson());
        assertEquals(first, read);
        assertInstanceOf(FirstRows.class, read.getVertices().get(EncoderGraph.FIRST_ROWS));
        assertThrows(IllegalArgumentException.class, () -> new SequencePooling(Pooling.MEAN, true));
    }
}
