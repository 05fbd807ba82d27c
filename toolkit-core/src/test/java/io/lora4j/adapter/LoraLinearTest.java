package io.lora4j.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.LoraPlusGroups;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.WeightDecay;

class LoraLinearTest {
    private static AdaptedModel model(double dropout) {
        return TestNetworks.adapted(DataType.DOUBLE, new NoOp(), WorkspaceMode.ENABLED, dropout);
    }

    @Test
    void forwardIsTheFormula() {
        AdaptedModel model = model(0);
        INDArray x = Nd4j.randn(DataType.DOUBLE, 3, TestNetworks.HIDDEN);
        LoraLinearLayer layer = model.adapters().get("encoder.second");
        INDArray in = Nd4j.randn(DataType.DOUBLE, 3, 4);
        INDArray w = layer.weight().add(layer.loraA().mmul(layer.loraB()).mul(6 / Math.sqrt(2.0)));
        INDArray expected = in.mmul(w).addRowVector(model.weights().get("encoder.second.bias"));

        INDArray actual = layer.activate(in, false, org.deeplearning4j.nn.workspace.LayerWorkspaceMgr.noWorkspaces());

        assertTrue(expected.equalsWithEps(actual, 1e-12), () -> expected + "\n" + actual + x);
    }

    @Test
    void aFreshAdapterLeavesTheOutputUnchanged() {
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 4, 1);
        ComputationGraphConfiguration base = TestNetworks.configuration(DataType.DOUBLE);
        AdaptedModel plain = AdaptedModel.of(base, TestNetworks.weights(DataType.DOUBLE));
        AdaptedModel adapted = AdaptedModel.of(
                AdapterInjector.inject(base, TestNetworks.lora(0)), TestNetworks.weights(DataType.DOUBLE));
        adapted.graph()
                .getLayer("stem")
                .setParams(plain.graph().getLayer("stem").params());
        adapted.graph()
                .getLayer("classifier")
                .setParams(plain.graph().getLayer("classifier").params());

        assertEquals(
                plain.graph().outputSingle(data.getFeatures(0)), adapted.graph().outputSingle(data.getFeatures(0)));
        assertTrue(adapted.adapters().get("encoder.first").loraA().norm2Number().doubleValue() > 0);
    }

    @Test
    void onlyFactorsAndTrainableLayersHaveParameters() {
        AdaptedModel model = model(0);
        long stem = TestNetworks.IN * TestNetworks.HIDDEN + TestNetworks.HIDDEN;
        long head = TestNetworks.HIDDEN * TestNetworks.LABELS + TestNetworks.LABELS;
        long factors = 2 * (TestNetworks.HIDDEN + 4) + 2 * (4 + TestNetworks.HIDDEN);
        assertEquals(stem + head + factors, model.trainableParameters());
        assertEquals(2, model.graph().getLayer("encoder.first").paramTable().size());
    }

    @ParameterizedTest
    @EnumSource(
            value = WorkspaceMode.class,
            names = {"ENABLED", "NONE"})
    void frozenWeightsStayFrozenUnderWeightDecay(WorkspaceMode workspaces) {
        AdaptedModel model = TestNetworks.adapted(DataType.FLOAT, new Adam(0.05), workspaces, 0.1);
        for (String layer : List.of("encoder.first", "encoder.second", "stem", "classifier")) {
            ((org.deeplearning4j.nn.conf.layers.BaseLayer)
                            model.graph().getLayer(layer).conf().getLayer())
                    .setRegularization(List.of(new WeightDecay(0.1, true)));
        }
        Map<String, INDArray> before = copyOf(model.weights());
        INDArray parametersBefore = model.graph().params().dup();

        for (int i = 0; i < 20; i++) {
            model.graph().fit(TestNetworks.data(DataType.FLOAT, 8, i));
        }

        before.forEach((name, array) -> assertArrayEquals(
                array.data().asFloat(), model.weights().get(name).data().asFloat(), 0f, name));
        assertFalse(parametersBefore.equalsWithEps(model.graph().params(), 1e-3), "the factors must have moved");
        long state = model.graph().getUpdater().getStateViewArray().length();
        assertEquals(2 * model.trainableParameters(), state, "Adam's state covers the trainable parameters only");
    }

    private static Map<String, INDArray> copyOf(FrozenWeights weights) {
        Map<String, INDArray> copies = new java.util.HashMap<>();
        weights.names()
                .forEach(name ->
                        copies.put(name, weights.get(name).dup(weights.get(name).ordering())));
        return copies;
    }

    @Test
    void anUnboundLayerSaysSo() {
        ComputationGraph graph = new ComputationGraph(
                AdapterInjector.inject(TestNetworks.configuration(DataType.DOUBLE), TestNetworks.lora(0)));
        graph.init();
        IllegalStateException e = assertThrows(
                IllegalStateException.class,
                () -> graph.output(TestNetworks.data(DataType.DOUBLE, 2, 1).getFeatures(0)));
        assertTrue(e.getMessage().contains("encoder.first") && e.getMessage().contains("bindTo"), e.getMessage());
    }

    @Test
    void survivesJsonAndModelSerializerAndCloneByRebinding() throws Exception {
        AdaptedModel model = model(0.25);
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 4, 1);
        INDArray expected = model.graph().outputSingle(data.getFeatures(0)).dup();

        String json = model.graph().getConfiguration().toJson();
        assertEquals(model.graph().getConfiguration(), ComputationGraphConfiguration.fromJson(json));
        LoraLinear read = (LoraLinear)
                ((org.deeplearning4j.nn.conf.graph.LayerVertex) ComputationGraphConfiguration.fromJson(json)
                                .getVertices()
                                .get("encoder.first"))
                        .getLayerConf()
                        .getLayer();
        assertEquals(2, read.getRank());
        assertEquals(0.25, read.getLoraDropout());
        assertEquals(Scaling.RSLORA, read.getScaling());

        assertEquals(expected, model.copy().graph().outputSingle(data.getFeatures(0)));
        ComputationGraph cloned = model.graph().clone();
        assertThrows(IllegalStateException.class, () -> cloned.output(data.getFeatures(0)));

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ModelSerializer.writeModel(model.graph(), out, true);
        ComputationGraph restored =
                ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(out.toByteArray()), true);
        model.weights().bindTo(restored);
        assertEquals(expected, restored.outputSingle(data.getFeatures(0)));
    }

    @Test
    void worksByHandInAMultiLayerNetwork() {
        MultiLayerConfiguration conf = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .list()
                .layer(LoraLinear.builder()
                        .rank(2)
                        .alpha(4)
                        .nIn(5)
                        .nOut(4)
                        .activation(Activation.RELU)
                        .name("dense")
                        .build())
                .layer(new OutputLayer.Builder()
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(org.deeplearning4j.nn.conf.inputs.InputType.feedForward(5))
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(conf.toJson()));
        network.init();
        FrozenWeights weights = new FrozenWeights(
                Map.of("dense.weight", Nd4j.randn(DataType.FLOAT, 5, 4), "dense.bias", Nd4j.zeros(DataType.FLOAT, 4)));
        weights.bindTo(network);
        MultiDataSet data = TestNetworks.data(DataType.FLOAT, 30, 5);
        double before = network.score(new org.nd4j.linalg.dataset.DataSet(data.getFeatures(0), data.getLabels(0)));

        for (int i = 0; i < 60; i++) {
            network.fit(data.getFeatures(0), data.getLabels(0));
        }

        double after = network.score(new org.nd4j.linalg.dataset.DataSet(data.getFeatures(0), data.getLabels(0)));
        assertTrue(after < before, before + " -> " + after);
    }

    @Test
    void dropoutActsInTrainingOnlyAndFollowsTheSeed() {
        AdaptedModel model = model(0.5);
        INDArray x = TestNetworks.data(DataType.DOUBLE, 4, 1).getFeatures(0);
        Nd4j.getRandom().setSeed(1);
        INDArray first = model.graph().output(true, x)[0].dup();
        Nd4j.getRandom().setSeed(1);
        INDArray again = model.graph().output(true, x)[0].dup();
        INDArray other = model.graph().output(true, x)[0].dup();
        assertEquals(first, again);
        assertFalse(first.equalsWithEps(other, 1e-6));
        assertEquals(model.graph().output(false, x)[0].dup(), model.graph().output(false, x)[0]);
        assertFalse(first.equalsWithEps(model.graph().output(false, x)[0], 1e-6));
    }

    @Test
    void aWeightShiftStaysInItsOwnModel() {
        FrozenWeights shared = TestNetworks.weights(DataType.DOUBLE);
        ComputationGraphConfiguration conf =
                AdapterInjector.inject(TestNetworks.configuration(DataType.DOUBLE), TestNetworks.lora(0));
        AdaptedModel shifted = AdaptedModel.of(conf, shared);
        INDArray before = shared.get("encoder.first.weight").dup();
        INDArray shift = Nd4j.ones(DataType.DOUBLE, TestNetworks.HIDDEN, 4);

        shifted.shiftWeight("encoder.first", shift);

        assertEquals(before, shared.get("encoder.first.weight"));
        assertEquals(before.add(1), shifted.linears().get("encoder.first").weight());
        assertEquals(
                before.add(1), shifted.copy().linears().get("encoder.first").weight());
    }

    @Test
    void aTargetThatMatchesNothingIsRefused() {
        LoraConfig config = new LoraConfig(2, 6, Scaling.STANDARD, 0, List.of("first", "qurey"));
        UserException e = assertThrows(
                UserException.class, () -> AdapterInjector.inject(TestNetworks.configuration(DataType.DOUBLE), config));
        assertEquals(
                "adapter target \"qurey\" matches no linear layer of the model; its layers end with: encoder.first,"
                        + " encoder.second",
                e.getMessage());
    }

    @Test
    void aRankLargerThanALayerIsRefused() {
        LoraConfig config = new LoraConfig(5, 6, Scaling.STANDARD, 0, List.of("first"));
        UserException e = assertThrows(
                UserException.class, () -> AdapterInjector.inject(TestNetworks.configuration(DataType.DOUBLE), config));
        assertEquals(
                "adapter rank 5 is larger than layer encoder.first allows: it is 6 x 4, so the rank is at most 4",
                e.getMessage());
    }

    @Test
    void loraPlusGivesBAnUpdaterOfItsOwn() {
        ComputationGraphConfiguration conf =
                AdapterInjector.inject(TestNetworks.configuration(DataType.DOUBLE), TestNetworks.lora(0));
        new GroupedOptimizer(new AdamW(1e-3), 0.01, new LoraPlusGroups(16)).applyTo(conf);
        AdaptedModel model = AdaptedModel.of(
                ComputationGraphConfiguration.fromJson(conf.toJson()), TestNetworks.weights(DataType.DOUBLE));
        org.deeplearning4j.nn.api.TrainingConfig layer =
                model.adapters().get("encoder.first").getConfig();
        org.deeplearning4j.nn.api.TrainingConfig head =
                model.graph().getLayer("classifier").getConfig();

        assertEquals(1e-3, layer.getUpdaterByParam("loraA").getLearningRate(0, 0), 1e-15);
        assertEquals(16e-3, layer.getUpdaterByParam("loraB").getLearningRate(0, 0), 1e-15);
        assertEquals(1e-3, head.getUpdaterByParam("W").getLearningRate(0, 0), 1e-15);
        assertEquals(16e-3, head.getUpdaterByParam("b").getLearningRate(0, 0), 1e-15);
        assertEquals(1, layer.getRegularizationByParam("loraA").size());
        assertEquals(1, layer.getRegularizationByParam("loraB").size());
        assertEquals(0, head.getRegularizationByParam("b").size());
    }

    @Test
    void injectionLeavesTheGivenConfigurationAlone() {
        ComputationGraphConfiguration base = TestNetworks.configuration(DataType.DOUBLE);
        String before = base.toJson();
        AdapterInjector.inject(base, TestNetworks.lora(0));
        assertEquals(before, base.toJson());
    }
}
