package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.error.DivergedException;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** DL4J's own fit on an adapted network stops at NaN, says where, and leaves the parameters of the last good step. */
class NonFiniteGuardTest {
    private static LoraNetwork<MultiLayerNetwork> network(WorkspaceMode workspaces) {
        return Lora.inject(
                Networks.base(Networks.Kind.MLP, DataType.FLOAT, new Adam(0.02), workspaces, 1e-3),
                LoraConfig.builder()
                        .rank(2)
                        .targetKinds(LayerKind.DENSE)
                        .modulesToSave("layer3")
                        .build());
    }

    private static LoraNetwork<ComputationGraph> graph(WorkspaceMode workspaces) {
        return Lora.inject(
                Networks.graph(DataType.FLOAT, workspaces),
                LoraConfig.builder()
                        .rank(2)
                        .targetPattern("eye\\..*")
                        .modulesToSave("head")
                        .build());
    }

    private static DataSet data() {
        return Networks.data(Networks.Kind.MLP, DataType.FLOAT, 12, 1);
    }

    @ParameterizedTest
    @EnumSource(
            value = WorkspaceMode.class,
            names = {"ENABLED", "NONE"})
    void anInputThatIsNotANumberIsRefusedBeforeTheUpdate(WorkspaceMode workspaces) {
        LoraNetwork<MultiLayerNetwork> adapted = network(workspaces);
        adapted.network().fit(data());
        adapted.network().fit(data());
        INDArray before = adapted.network().params().dup();
        INDArray moments = adapted.network().updaterState().dup();
        DataSet bad = data();
        bad.getFeatures().putScalar(1, 2, Double.NaN);

        DivergedException e =
                assertThrows(DivergedException.class, () -> adapted.network().fit(bad));
        assertEquals("layer0", e.layer());
        assertEquals(3, e.step());
        assertTrue(e.getMessage().contains("the network's input has NaN"), e.getMessage());
        assertEquals(before, adapted.network().params());
        assertEquals(moments, adapted.network().updaterState());
        adapted.network().fit(new ListDataSetIterator<>(data().asList(), 4));
        assertTrue(Double.isFinite(adapted.network().score(data())), "training goes on with other data");
    }

    @ParameterizedTest
    @EnumSource(
            value = WorkspaceMode.class,
            names = {"ENABLED", "NONE"})
    void aGraphNamesTheVertexAndTheInput(WorkspaceMode workspaces) {
        LoraNetwork<ComputationGraph> adapted = graph(workspaces);
        MultiDataSet bad = Networks.graphData(DataType.FLOAT, 9, 1);
        adapted.network().fit(bad);
        INDArray before = adapted.network().params().dup();
        bad.getFeatures(1).putScalar(0, 2, Double.NaN);

        DivergedException e =
                assertThrows(DivergedException.class, () -> adapted.network().fit(bad));
        assertEquals("table.dense", e.layer());
        assertEquals(2, e.step());
        assertTrue(e.getMessage().contains("the network's input table has NaN"), e.getMessage());
        assertEquals(before, adapted.network().params());
    }

    @Test
    void aFactorThatIsNotANumberIsFound() {
        LoraNetwork<MultiLayerNetwork> adapted = network(WorkspaceMode.ENABLED);
        adapted.adapters().get("layer1").loraB().putScalar(0, 0, Double.NaN);
        assertEquals(
                "layer1",
                assertThrows(DivergedException.class, () -> adapted.network().fit(data()))
                        .layer());
        LoraNetwork<ComputationGraph> graph = graph(WorkspaceMode.ENABLED);
        graph.adapters().get("eye.dense").loraA().putScalar(0, 0, Double.NaN);
        assertEquals(
                "eye.dense",
                assertThrows(DivergedException.class, () -> graph.network()
                                .fit(Networks.graphData(DataType.FLOAT, 9, 1)))
                        .layer());
    }

    @Test
    void aRateThatIsTooHighEndsTheRunWithTheLayerAndTheStep() {
        MultiLayerNetwork base = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(1e4))
                .activation(Activation.IDENTITY)
                .list(
                        new DenseLayer.Builder().name("only").nIn(4).nOut(4).build(),
                        new OutputLayer.Builder(LossFunction.MSE)
                                .name("head")
                                .nIn(4)
                                .nOut(3)
                                .activation(Activation.IDENTITY)
                                .build())
                .build());
        base.init();
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(
                base,
                LoraConfig.builder()
                        .rank(2)
                        .targetModules("only")
                        .modulesToSave("head")
                        .build());
        DivergedException e = assertThrows(DivergedException.class, () -> adapted.network()
                .fit(new ListDataSetIterator<>(data().asList(), 4), 20));
        assertTrue(Double.isFinite(adapted.network().params().amaxNumber().doubleValue()), e.getMessage());
        assertTrue(e.step() > 1 && e.step() < 20, e.getMessage());
        assertTrue(java.util.Set.of("only", "head").contains(e.layer()), e.getMessage());
    }

    @Test
    void everyNetworkThatIsHandedOutIsGuarded(@org.junit.jupiter.api.io.TempDir java.nio.file.Path folder) {
        LoraNetwork<MultiLayerNetwork> adapted = network(WorkspaceMode.ENABLED);
        java.nio.file.Path adapter = folder.resolve("adapter.zip");
        java.nio.file.Path model = folder.resolve("model.zip");
        adapted.save(adapter);
        adapted.saveModel(model, true);
        DataSet bad = data();
        bad.getFeatures().putScalar(0, 0, Double.NaN);

        adapted.network().addListeners(new CollectScoresIterationListener());
        refuses(adapted.network(), bad);
        refuses(adapted.add("second", adapted.config()).network(), bad);
        refuses(adapted.load("third", adapter), bad);
        refuses(Lora.restoreMultiLayerNetwork(model).network(), bad);
        adapted.network().setListeners(new CollectScoresIterationListener());
        adapted.network().fit(bad);
        assertTrue(Double.isNaN(adapted.network().params().sumNumber().doubleValue()), "without it DL4J trains on");
    }

    @Test
    void itGuardsAPlainNetworkToo() {
        MultiLayerNetwork plain =
                Networks.base(Networks.Kind.MLP, DataType.FLOAT, new Adam(0.02), WorkspaceMode.ENABLED, 0);
        plain.setListeners(new NonFiniteGuard());
        DataSet bad = data();
        bad.getFeatures().putScalar(0, 0, Double.NaN);
        refuses(plain, bad);
        plain.fit(data());
    }

    private static void refuses(MultiLayerNetwork network, DataSet bad) {
        assertThrows(DivergedException.class, () -> network.fit(bad));
    }
}
