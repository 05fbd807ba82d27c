package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.init.AdapterSetup;
import io.lora4j.init.GaussianInit;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.train.RandomStreams;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Parts of a batch on several threads are the batch. */
class GraphTwinsTest {
    private static final int[] LENGTHS = {4, 1, 9, 9, 2, 7, 3, 5};

    private static AdaptedModel adapted(double dropout) {
        EncoderConfig config = BertFixtures.smallConfig().withDropout(dropout, dropout, dropout);
        FrozenWeights weights = BertFixtures.randomWeights(config, DataType.DOUBLE, 3);
        ComputationGraphConfiguration plain = EncoderGraph.classifier(config, Pooling.CLS, 3, DataType.DOUBLE, 5);
        AdaptedModel model = AdaptedModel.of(
                AdapterInjector.inject(
                        plain,
                        LoraConfig.builder()
                                .rank(2)
                                .alpha(4)
                                .targetModules("query", "value", "dense")
                                .build()),
                weights);
        AdapterSetup.apply(model, new GaussianInit(), null, Map.of(), new RandomStreams(1));
        // B = 0 would leave A without a gradient.
        Nd4j.getRandom().setSeed(8);
        model.adapters().values().forEach(layer -> layer.loraB()
                .addi(Nd4j.randn(layer.loraB().shape()).muli(0.1)));
        return model;
    }

    private static GraphTwins twins(AdaptedModel model, int threads) {
        return model.twins(ExampleCost.TOKENS, threads);
    }

    private static MultiDataSet batch(int... lengths) {
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, lengths.length, 3);
        for (int b = 0; b < lengths.length; b++) {
            labels.putScalar(b, b % 3, 1);
        }
        return new MultiDataSet(
                BertFixtures.randomFeatures(BertFixtures.smallConfig(), 5, 9, lengths), new INDArray[] {labels});
    }

    private static double farApart(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue() / a.amaxNumber().doubleValue();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void lossGradientAndOutputAreThoseOfTheGraphAlone(int threads) {
        AdaptedModel model = adapted(0);
        MultiDataSet batch = batch(LENGTHS);
        double loss = GraphTwins.alone(model.graph()).computeGradient(batch, part -> 1);
        INDArray gradient = model.graph().gradient().gradient().dup();
        INDArray output = model.graph().outputSingle(false, batch.getFeatures());

        try (GraphTwins twins = twins(model, threads)) {
            for (int pass = 0; pass < 2; pass++) {
                assertEquals(loss, twins.computeGradient(batch, part -> 1), 1e-12 * loss);
                assertEquals(0, farApart(gradient, model.graph().gradient().gradient()), 1e-11);
                assertEquals(0, farApart(output, twins.output(batch.getFeatures())), 1e-12);
            }
        }
    }

    @Test
    void allOfATrainableGraphIsTheSameToo() {
        EncoderConfig config = BertFixtures.smallConfig();
        ComputationGraph graph =
                new ComputationGraph(EncoderGraph.trainableClassifier(config, Pooling.CLS, 3, DataType.DOUBLE, 5));
        graph.init();
        TrainableWeights.copyInto(graph, BertFixtures.randomWeights(config, DataType.DOUBLE, 3));
        MultiDataSet batch = batch(LENGTHS);
        double loss = GraphTwins.alone(graph).computeGradient(batch, part -> 1);
        INDArray gradient = graph.gradient().gradient().dup();

        try (GraphTwins twins = GraphTwins.of(graph, twin -> {}, ExampleCost.TOKENS, 2)) {
            assertEquals(loss, twins.computeGradient(batch, part -> 1), 1e-12 * loss);
            assertEquals(0, farApart(gradient, graph.gradient().gradient()), 1e-11);
        }
    }

    @Test
    void trainingsActivationsDoNotStayBesideAnEvaluations() {
        AdaptedModel model = adapted(0);
        MultiDataSet batch = batch(LENGTHS);
        String activations = "WS_ALL_LAYERS_ACT"; // ComputationGraph's, for a pass that goes back again
        try (GraphTwins twins = twins(model, 3)) {
            for (int round = 0; round < 2; round++) {
                double loss = twins.computeGradient(batch, part -> 1);
                assertTrue(workspaces().contains(activations), () -> "there are " + workspaces());
                assertEquals(loss, twins.computeGradient(batch, part -> 1));
                INDArray output = twins.output(batch.getFeatures());
                assertFalse(workspaces().contains(activations), () -> "there are " + workspaces());
                assertEquals(output, twins.output(batch.getFeatures()));
            }
        }
    }

    private static List<String> workspaces() {
        return Nd4j.getWorkspaceManager().getAllWorkspacesIdsForCurrentThread();
    }

    @Test
    void aCallersOwnWorkspacesAreKept() {
        AdaptedModel model = adapted(0);
        MultiDataSet batch = batch(LENGTHS);
        try (MemoryWorkspace own = Nd4j.getWorkspaceManager().getAndActivateWorkspace("OWN")) {
            assertTrue(own.isScopeActive());
        }
        try (GraphTwins twins = twins(model, 2)) {
            twins.computeGradient(batch, part -> 1);
            twins.output(batch.getFeatures());
            assertTrue(workspaces().contains("OWN"), () -> "there are " + workspaces());
        } finally {
            Nd4j.getWorkspaceManager()
                    .destroyWorkspace(Nd4j.getWorkspaceManager().getWorkspaceForCurrentThread("OWN"));
        }
    }

    @Test
    void twinsSeeAChangeOfTheParameters() {
        AdaptedModel model = adapted(0);
        MultiDataSet batch = batch(LENGTHS);
        try (GraphTwins twins = twins(model, 2)) {
            double before = twins.computeGradient(batch, part -> 1);
            model.graph().params().subi(model.graph().gradient().gradient().mul(0.01));
            double after = twins.computeGradient(batch, part -> 1);
            assertTrue(after < before);
            assertEquals(GraphTwins.alone(model.graph()).computeGradient(batch, part -> 1), after, 1e-12);
        }
    }

    @Test
    void dropoutDependsOnTheSeedsOnly() {
        AdaptedModel model = adapted(0.3);
        MultiDataSet batch = batch(LENGTHS);
        try (GraphTwins twins = twins(model, 2)) {
            double loss = twins.computeGradient(batch, part -> 10 + part);
            INDArray gradient = model.graph().gradient().gradient().dup();
            assertNotEquals(loss, twins.computeGradient(batch, part -> 20 + part));
            assertEquals(loss, twins.computeGradient(batch, part -> 10 + part));
            assertEquals(gradient, model.graph().gradient().gradient());
        }
    }

    @Test
    void aBatchThatCannotBeCutIsComputedWhole() {
        AdaptedModel model = adapted(0);
        for (int[] lengths : new int[][] {{5}, {9, 1}}) {
            MultiDataSet batch = batch(lengths);
            double loss = GraphTwins.alone(model.graph()).computeGradient(batch, part -> 1);
            try (GraphTwins twins = twins(model, 2)) {
                assertEquals(loss, twins.computeGradient(batch, part -> 1));
                assertEquals(model.graph().outputSingle(false, batch.getFeatures()), twins.output(batch.getFeatures()));
            }
        }
    }

    @Test
    void aFaultOfOnePartIsThrownAndThreadsAreAsBefore() {
        AdaptedModel model = adapted(0);
        MultiDataSet batch = batch(LENGTHS);
        batch.getFeatures(1).putScalar(7, 0, 1e6);
        int threads = Nd4j.getEnvironment().maxThreads();
        try (GraphTwins twins = twins(model, 2)) {
            IllegalArgumentException error =
                    assertThrows(IllegalArgumentException.class, () -> twins.computeGradient(batch, part -> 1));
            assertTrue(error.getMessage().contains("token id 1000000"), error.getMessage());
            assertEquals(threads, Nd4j.getEnvironment().maxThreads());
            assertFalse(Double.isNaN(twins.computeGradient(batch(LENGTHS), part -> 1)));
        }
    }
}
