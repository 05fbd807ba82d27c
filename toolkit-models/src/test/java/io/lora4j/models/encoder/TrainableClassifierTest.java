package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.DecoupledWeightDecay;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.UniformGroups;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

class TrainableClassifierTest {
    private static final double RATE = 1e-2;
    private static final double DECAY = 0.1;
    private final EncoderConfig config = BertFixtures.smallConfig();

    private static ComputationGraphConfiguration configuration(EncoderConfig shape, Pooling pooling, DataType type) {
        ComputationGraphConfiguration conf = EncoderGraph.trainableClassifier(shape, pooling, 3, type, 9);
        new GroupedOptimizer(new AdamW(RATE), DECAY, new UniformGroups(false)).applyTo(conf);
        return conf;
    }

    private static ComputationGraph graph(ComputationGraphConfiguration conf, FrozenWeights weights) {
        ComputationGraph graph = new ComputationGraph(conf);
        graph.init();
        TrainableWeights.copyInto(graph, weights);
        return graph;
    }

    private ComputationGraph graph(DataType type) {
        return graph(configuration(config, Pooling.CLS, type), BertFixtures.randomWeights(config, type, 8));
    }

    private MultiDataSet batch(DataType type, int... lengths) {
        return new MultiDataSet(
                BertFixtures.randomFeatures(config, 6, 9, lengths),
                new INDArray[] {BertFixtures.oneHot(lengths.length, 3, type)});
    }

    private static double score(ComputationGraph graph, MultiDataSet data) {
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.computeGradientAndScore();
        return graph.score();
    }

    private static void assertSame(INDArray expected, INDArray actual, String what) {
        assertEquals(0, expected.sub(actual).amaxNumber().doubleValue(), what);
    }

    @Test
    void everyWeightIsAParameterUnderItsCheckpointName() {
        FrozenWeights weights = BertFixtures.randomWeights(config, DataType.FLOAT, 8);
        ComputationGraph graph = graph(DataType.FLOAT);

        Map<String, INDArray> views = TrainableWeights.views(graph);

        assertEquals(weights.names(), views.keySet());
        views.forEach((name, view) -> assertSame(weights.get(name), view, name));
        long encoder = views.values().stream().mapToLong(INDArray::length).sum();
        assertEquals(encoder + 12 * 3 + 3, graph.params().length());
        views.get("bert.embeddings.LayerNorm.bias").assign(7);
        assertEquals(12, graph.params().eq(7).castTo(DataType.FLOAT).sumNumber().intValue(), "a view");
    }

    /** In inference, and in training with dropout: the same random numbers in the same order. */
    @ParameterizedTest
    @CsvSource({"CLS,FLOAT,0", "CLS,DOUBLE,0.2", "MEAN,FLOAT,0.2"})
    void equalsTheFrozenForm(Pooling pooling, DataType type, double dropout) {
        EncoderConfig shape = config.withDropout(dropout, dropout, dropout);
        FrozenWeights weights = BertFixtures.randomWeights(shape, type, 8);
        ComputationGraph frozen = AdaptedModel.of(EncoderGraph.classifier(shape, pooling, 3, type, 9), weights)
                .graph();
        ComputationGraph graph = graph(configuration(shape, pooling, type), weights);
        MultiDataSet data = batch(type, 4, 9, 2);

        assertSame(frozen.outputSingle(data.getFeatures()), graph.outputSingle(data.getFeatures()), "probabilities");
        Nd4j.getRandom().setSeed(5);
        double expected = score(frozen, data);
        Nd4j.getRandom().setSeed(5);
        assertEquals(expected, score(graph, data), "loss");
        for (String key : List.of("classifier_W", "classifier_b")) {
            assertSame(frozen.gradient().getGradientFor(key), graph.gradient().getGradientFor(key), key);
        }
    }

    @ParameterizedTest
    @EnumSource
    void configurationSurvivesJsonWithItsOptimizer(Pooling pooling) {
        ComputationGraphConfiguration original =
                configuration(config.withDropout(0.1, 0.2, 0.3), pooling, DataType.DOUBLE);

        ComputationGraphConfiguration restored = ComputationGraphConfiguration.fromJson(original.toJson());

        assertEquals(original, restored);
        assertEquals(original, original.clone());
        assertEquals(original.hashCode(), restored.hashCode());
        TrainableVertexConfig copy = (TrainableVertexConfig)
                Objects.requireNonNull(original.clone().getVertices().get("bert.embeddings"));
        copy.setUpdater(new NoOp());
        assertNotEquals(original.getVertices().get("bert.embeddings"), copy);
        assertEquals(original, restored, "a clone's updaters are its own");
        // A graph of the restored configuration trains as one of the original.
        FrozenWeights weights = BertFixtures.randomWeights(config, DataType.DOUBLE, 8);
        ComputationGraph first = graph(original, weights);
        ComputationGraph second = graph(restored, weights);
        MultiDataSet data = batch(DataType.DOUBLE, 3, 5);
        for (ComputationGraph graph : List.of(first, second)) {
            Nd4j.getRandom().setSeed(3);
            graph.fit(data);
        }
        assertSame(first.params(), second.params(), "after a step");
    }

    /** Saved, restored or cloned in the middle of a run, with the optimiser's averages, training goes on as if nothing had happened. */
    @Test
    void aSavedModelGoesOnTraining() throws IOException {
        ComputationGraph graph = graph(DataType.FLOAT);
        MultiDataSet data = batch(DataType.FLOAT, 3, 5, 9);
        graph.fit(data);
        graph.fit(data);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ModelSerializer.writeModel(graph, file, true);
        ComputationGraph clone = graph.clone();

        ComputationGraph restored =
                ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file.toByteArray()), true);

        INDArray expected = graph.outputSingle(data.getFeatures());
        assertSame(expected, restored.outputSingle(data.getFeatures()), "restored");
        assertSame(expected, clone.outputSingle(data.getFeatures()), "clone");
        assertEquals(
                graph.params().length() * 2,
                Objects.requireNonNull(graph.updaterState()).length());
        graph.fit(data);
        restored.fit(data);
        assertSame(graph.params(), restored.params(), "one step later");
    }

    /** With torch's users' groups: matrices decay, vectors do not; a word that never occurs moves by its decay alone. */
    @Test
    void theOptimizerReachesEveryParameter() {
        ComputationGraph graph = graph(DataType.DOUBLE);
        int parameters = 0;
        for (GraphVertex vertex : graph.getVertices()) {
            for (Map.Entry<String, INDArray> e : vertex.paramTable(true).entrySet()) {
                parameters++;
                String what = vertex.getVertexName() + " " + e.getKey();
                assertEquals(new AdamW(RATE), vertex.getConfig().getUpdaterByParam(e.getKey()), what);
                boolean vector = List.of("b", "bias", "weight").contains(e.getKey());
                assertEquals(
                        vector ? List.of() : List.of(new DecoupledWeightDecay(DECAY)),
                        vertex.getConfig().getRegularizationByParam(e.getKey()),
                        what);
            }
        }
        assertEquals(3 + 2 + 2 * 16 + 2 + 2, parameters);
        assertEquals(1, graph.getUpdater().getUpdaterBlocks().size(), "one rate, one block");

        MultiDataSet data = batch(DataType.DOUBLE, 2);
        FrozenWeights before = TrainableWeights.copyOf(graph);
        graph.fit(data);
        FrozenWeights after = TrainableWeights.copyOf(graph);
        String words = "bert.embeddings.word_embeddings.weight";
        boolean[] used = new boolean[config.vocabSize()];
        used[data.getFeatures(1).getInt(0, 0)] = true;
        used[data.getFeatures(1).getInt(0, 1)] = true;
        for (int v = 0; v < config.vocabSize(); v++) {
            INDArray decayed = before.get(words).getRow(v).mul(1 - RATE * DECAY);
            double moved = decayed.sub(after.get(words).getRow(v)).amaxNumber().doubleValue();
            assertEquals(used[v] ? RATE : 0, moved, used[v] ? RATE * 1e-3 : 1e-15, "word " + v);
        }
        for (String name : before.names()) {
            double moved = before.get(name).sub(after.get(name)).amaxNumber().doubleValue();
            // Softmax takes no notice of what is added to all scores of a row: a key's bias has no gradient but
            // rounding noise.
            boolean expected = !name.endsWith("key.bias");
            assertEquals(expected, moved > 1e-4, name + " moved by " + moved);
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT", "DOUBLE"})
    void workspacesChangeNothingOverBatchesOfDifferentShapes(DataType type) {
        EncoderConfig dropping = config.withDropout(0.2, 0.2, 0.2);
        FrozenWeights weights = BertFixtures.randomWeights(config, type, 8);
        ComputationGraph with = graph(configuration(dropping, Pooling.CLS, type), weights);
        ComputationGraphConfiguration plain = configuration(dropping, Pooling.CLS, type);
        plain.setTrainingWorkspaceMode(WorkspaceMode.NONE);
        plain.setInferenceWorkspaceMode(WorkspaceMode.NONE);
        ComputationGraph without = graph(plain, weights);
        int[][] batches = {{3, 5}, {9, 9, 9}, {1}, {2, 7, 4, 1, 1}};
        for (int i = 0; i < 2 * batches.length; i++) {
            MultiDataSet data = batch(type, batches[i % batches.length]);
            Nd4j.getRandom().setSeed(i + 1); // 0 would mean the clock
            double expected = score(without, data);
            Nd4j.getRandom().setSeed(i + 1); // 0 would mean the clock
            assertEquals(expected, score(with, data), "step " + i);
            assertSame(without.gradient().gradient(), with.gradient().gradient(), "step " + i);
        }
    }

    /** Fine-tuned weights leave the graph for the frozen form; the pre-trained ones were never written. */
    @Test
    void fineTunedWeightsServeTheFrozenForm() {
        FrozenWeights pretrained = BertFixtures.randomWeights(config, DataType.DOUBLE, 8);
        Map<String, INDArray> copies = new LinkedHashMap<>();
        pretrained.names().forEach(name -> copies.put(name, pretrained.get(name).dup()));
        ComputationGraph graph = graph(configuration(config, Pooling.CLS, DataType.DOUBLE), pretrained);
        MultiDataSet data = batch(DataType.DOUBLE, 4, 9, 2);
        double first = score(graph, data);
        for (int i = 0; i < 5; i++) {
            graph.fit(data);
        }
        assertTrue(score(graph, data) < first, "it learns");

        FrozenWeights tuned = TrainableWeights.copyOf(graph);
        ComputationGraph frozen = AdaptedModel.of(
                        EncoderGraph.classifier(config, Pooling.CLS, 3, DataType.DOUBLE, 9), tuned)
                .graph();
        frozen.getParam("classifier_W").assign(graph.getParam("classifier_W"));
        frozen.getParam("classifier_b").assign(graph.getParam("classifier_b"));
        INDArray expected = graph.outputSingle(data.getFeatures()).dup();
        assertSame(expected, frozen.outputSingle(data.getFeatures()), "probabilities");
        graph.fit(data);
        assertSame(expected, frozen.outputSingle(data.getFeatures()), "the copy does not train on");
        copies.forEach((name, copy) -> assertSame(copy, pretrained.get(name), name));
    }

    @Test
    void aGraphWithoutWeightsSaysSo() {
        ComputationGraph graph = new ComputationGraph(configuration(config, Pooling.CLS, DataType.FLOAT));
        graph.init();
        INDArray[] features = batch(DataType.FLOAT, 3).getFeatures();
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> graph.output(features));
        assertEquals(
                "vertex bert.embeddings holds no weights: call TrainableWeights.copyInto(network, weights) after init()",
                error.getMessage());
        FrozenWeights weights = BertFixtures.randomWeights(config, DataType.FLOAT, 8);
        String name = "bert.encoder.layer.0.output.LayerNorm.bias";
        FrozenWeights wrong = weights.with(Map.of(name, Nd4j.create(DataType.FLOAT, 11)));
        IllegalArgumentException shape =
                assertThrows(IllegalArgumentException.class, () -> TrainableWeights.copyInto(graph, wrong));
        assertEquals("array " + name + " has the shape [11], the network needs [12]", shape.getMessage());
        assertThrows(IllegalStateException.class, () -> graph.output(features), "nothing was copied");
        ComputationGraph frozen = AdaptedModel.of(EncoderGraph.encoder(config, DataType.FLOAT), weights)
                .graph();
        assertThrows(IllegalArgumentException.class, () -> TrainableWeights.copyInto(frozen, weights));
    }
}
