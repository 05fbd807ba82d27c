package io.lora4j.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

class GroupedOptimizerTest {
    private static final AdamW BASE = new AdamW(1e-3);

    @Test
    void loraPlusGivesBAndVectorsTheRatio() {
        GroupedOptimizer optimizer = new GroupedOptimizer(BASE, 0.01, new LoraPlusGroups(16));
        ParamSettings a = optimizer.settingsFor("l", ParameterGroups.LORA_A, false);
        ParamSettings b = optimizer.settingsFor("l", ParameterGroups.LORA_B, false);
        ParamSettings bias = optimizer.settingsFor("classifier", "b", true);
        ParamSettings weight = optimizer.settingsFor("classifier", "W", false);
        assertEquals(0.001, a.updater().getLearningRate(0, 0));
        assertEquals(0.016, b.updater().getLearningRate(0, 0), 1e-18);
        assertEquals(0.016, bias.updater().getLearningRate(0, 0), 1e-18);
        assertEquals(0.001, weight.updater().getLearningRate(0, 0));
        assertEquals(List.of(new DecoupledWeightDecay(0.01)), a.regularization());
        assertEquals(List.of(new DecoupledWeightDecay(0.01)), b.regularization());
        assertEquals(List.of(), bias.regularization());
        assertEquals(a.group(), weight.group());
    }

    @Test
    void plainGradientDescentHasGroupsToo() {
        IUpdater constant = new GroupedOptimizer(new Sgd(0.1), 0, new LoraPlusGroups(4))
                .settingsFor("l", ParameterGroups.LORA_B, false)
                .updater();
        assertEquals(new Sgd(0.4), constant);
        IUpdater scheduled = new GroupedOptimizer(
                        new Sgd(new LinearWarmupSchedule(0.1, 2, 4)), 0.01, new LoraPlusGroups(4))
                .settingsFor("l", ParameterGroups.LORA_B, false)
                .updater();
        assertTrue(scheduled instanceof Sgd, scheduled.toString());
        assertEquals(0.2, scheduled.getLearningRate(0, 0), 1e-15);
        assertEquals(0.4, scheduled.getLearningRate(2, 0), 1e-15);
        assertThrows(
                IllegalArgumentException.class, () -> new GroupedOptimizer(new Adam(), 0, new UniformGroups(true)));
    }

    @Test
    void uniformGroupsDecayVectorsOnlyIfTold() {
        assertTrue(new UniformGroups(true).groupOf("l", "b", true).decay());
        assertEquals(
                1,
                new UniformGroups(false)
                        .groupOf("l", ParameterGroups.LORA_B, false)
                        .lrMultiplier());
        assertTrue(!new UniformGroups(false).groupOf("l", "b", true).decay());
        assertTrue(new UniformGroups(false).groupOf("l", "W", false).decay());
    }

    @Test
    void zeroDecayLeavesNoRegularization() {
        GroupedOptimizer optimizer = new GroupedOptimizer(BASE, 0, new UniformGroups(true));
        assertEquals(List.of(), optimizer.settingsFor("l", "W", false).regularization());
    }

    @Test
    void appliedToAGraphEveryParameterGetsItsGroup() {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "encoder.dense", new DenseLayer.Builder().nIn(3).nOut(4).build(), "in")
                .addLayer("classifier", new OutputLayer.Builder().nIn(4).nOut(2).build(), "encoder.dense")
                .setOutputs("classifier")
                .build();
        new GroupedOptimizer(BASE, 0.01, new LoraPlusGroups(8)).applyTo(configuration);
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        List<UpdaterBlock> blocks = graph.getUpdater().getUpdaterBlocks();
        assertEquals(4, blocks.size());
        double[] rates = blocks.stream()
                .mapToDouble(b -> b.getGradientUpdater().getConfig().getLearningRate(0, 0))
                .toArray();
        assertEquals(
                List.of(0.001, 0.008, 0.001, 0.008),
                java.util.Arrays.stream(rates).boxed().toList());
        Layer classifier = graph.getLayer("classifier").conf().getLayer();
        assertEquals(List.of(new DecoupledWeightDecay(0.01)), classifier.getRegularizationByParam("W"));
        assertEquals(List.of(), classifier.getRegularizationByParam("b"));
    }

    @Test
    void uniformRateMakesOneUpdaterBlock() {
        MultiLayerConfiguration configuration = AdamWTest.network(1);
        new GroupedOptimizer(BASE, 0.01, new UniformGroups(false)).applyTo(configuration);
        var network = new org.deeplearning4j.nn.multilayer.MultiLayerNetwork(configuration);
        network.init();
        var updater = (org.deeplearning4j.nn.updater.MultiLayerUpdater) network.getUpdater();
        assertEquals(1, updater.getUpdaterBlocks().size());
    }

    @Test
    void anOptimizerAwareLayerIsAskedByItsName() {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("encoder.query", new AwareLayer(), "in")
                .setOutputs("encoder.query")
                .build();
        GroupedOptimizer optimizer = new GroupedOptimizer(BASE, 0.01, new LoraPlusGroups(8));
        optimizer.applyTo(configuration);
        AwareLayer layer = (AwareLayer) ((org.deeplearning4j.nn.conf.graph.LayerVertex)
                        configuration.getVertices().get("encoder.query"))
                .getLayerConf()
                .getLayer();
        assertEquals("encoder.query", layer.askedAs);
        assertEquals(optimizer, layer.optimizer);
    }

    @Test
    void aLayerThatCannotTakeUpdatersIsNamed() {
        MultiLayerConfiguration configuration = AdamWTest.network(1);
        Layer dense = configuration.getConf(0).getLayer();
        dense.setLayerName("dense");
        FrozenLayer wrapper = new FrozenLayer(dense);
        wrapper.setLayerName("wrapped");
        configuration.getConf(0).setLayer(wrapper);
        GroupedOptimizer optimizer = new GroupedOptimizer(BASE, 0.01, new UniformGroups(false));
        Exception e = assertThrows(IllegalArgumentException.class, () -> optimizer.applyTo(configuration));
        assertTrue(String.valueOf(e.getMessage()).startsWith("layer wrapped (FrozenLayer)"), e.getMessage());
    }

    /** DL4J's attention vertex has parameters and would silently go on with an updater of its own. */
    @Test
    void aVertexThatCannotTakeUpdatersIsNamed() {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addVertex(
                        "attention",
                        new AttentionVertex.Builder()
                                .nInQueries(4)
                                .nInKeys(4)
                                .nInValues(4)
                                .nOut(4)
                                .nHeads(2)
                                .projectInput(true)
                                .build(),
                        "in",
                        "in",
                        "in")
                .setOutputs("attention")
                .build();
        GroupedOptimizer optimizer = new GroupedOptimizer(BASE, 0.01, new UniformGroups(false));
        Exception e = assertThrows(IllegalArgumentException.class, () -> optimizer.applyTo(configuration));
        assertTrue(String.valueOf(e.getMessage()).startsWith("vertex attention (AttentionVertex)"), e.getMessage());
    }

    /** A layer with its own bookkeeping; only its configuration is looked at here. */
    static final class AwareLayer extends ActivationLayer implements OptimizerAware {
        private static final long serialVersionUID = 1L;
        private transient String askedAs;
        private transient GroupedOptimizer optimizer;

        AwareLayer() {
            super(Activation.TANH);
        }

        @Override
        public void useOptimizer(String layer, GroupedOptimizer newOptimizer) {
            askedAs = layer;
            optimizer = newOptimizer;
        }
    }
}
