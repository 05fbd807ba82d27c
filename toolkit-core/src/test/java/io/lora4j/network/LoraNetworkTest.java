package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.error.UserException;
import io.lora4j.init.LoraGaInit;
import io.lora4j.init.LoraOneInit;
import io.lora4j.train.RandomStreams;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingResult;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;

/** The handle: adapters by name, on and off, DL4J's own ways of training and copying, initialisers. */
class LoraNetworkTest {
    private static final LoraConfig GRAPH = LoraConfig.builder()
            .rank(2)
            .alpha(4)
            .targetPattern("eye\\..*")
            .modulesToSave("head")
            .build();

    private static MultiLayerNetwork mlp() {
        return Networks.base(Networks.Kind.MLP, DataType.FLOAT, new Adam(0.02), WorkspaceMode.ENABLED, 1e-3);
    }

    private static DataSet data() {
        return Networks.data(Networks.Kind.MLP, DataType.FLOAT, 12, 1);
    }

    private static LoraConfig dense() {
        return LoraConfig.builder()
                .rank(2)
                .targetKinds(LayerKind.DENSE)
                .modulesToSave("layer3")
                .build();
    }

    @ParameterizedTest
    @EnumSource(
            value = WorkspaceMode.class,
            names = {"ENABLED", "NONE"})
    void aGraphTrainsMergesAndKeepsItsBase(WorkspaceMode workspaces) {
        ComputationGraph base = Networks.graph(DataType.FLOAT, workspaces);
        INDArray before = base.params().dup();
        MultiDataSet data = Networks.graphData(DataType.FLOAT, 9, 1);
        LoraNetwork<ComputationGraph> adapted = Lora.inject(base, GRAPH);
        ComputationGraph network = adapted.network();

        assertEquals(
                List.of("eye.conv", "eye.dense"), List.copyOf(adapted.adapters().keySet()));
        AdaptedLayersTest.assertClose(base.output(data.getFeatures())[0], network.output(data.getFeatures())[0], 1e-6);
        double first = network.score(data);
        for (int i = 0; i < 20; i++) {
            network.fit(data);
        }
        assertTrue(network.score(data) < first);
        assertEquals(before, base.params(), "running statistics and weights to the last bit");
        AdaptedLayersTest.assertClose(
                network.output(data.getFeatures())[0], adapted.merge().output(data.getFeatures())[0], 1e-5);
    }

    @Test
    void adaptersShareTheBaseAndSwitchWithoutCopies() {
        MultiLayerNetwork base = mlp();
        INDArray x = data().getFeatures();
        INDArray plain = base.output(x);
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base, dense());
        LoraConfig other = LoraConfig.builder().rank(1).targetModules("layer1").build();
        MultiLayerNetwork second = adapted.add("second", other).network();
        adapted.use(Lora.DEFAULT).fit(data());
        INDArray trained = adapted.network().output(x);

        assertNotEquals(plain, trained);
        assertEquals(plain, second.output(x), "training one adapter does not touch another");
        assertSame(second, adapted.use("second"));
        assertEquals("second", adapted.active());
        assertEquals(trained, adapted.network(Lora.DEFAULT).output(x));
        assertThrows(UserException.class, () -> adapted.use("third"));
        assertThrows(UserException.class, () -> adapted.add("second", other));
        assertThrows(UserException.class, () -> adapted.remove("second"));
        adapted.remove(Lora.DEFAULT);
        assertEquals(java.util.Set.of("second"), adapted.names());
        assertSame(
                base.params().data().originalDataBuffer() == null
                        ? base.params().data()
                        : base.params().data().originalDataBuffer(),
                adapted.linears().get("layer0").weight().data().originalDataBuffer(),
                "the frozen weight is a view of the base's own memory");
    }

    @Test
    void disabledIsTheBaseHeadIncluded() {
        MultiLayerNetwork base = mlp();
        INDArray x = data().getFeatures();
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base, dense());
        for (int i = 0; i < 5; i++) {
            adapted.network().fit(data());
        }
        INDArray trained = adapted.network().output(x);

        adapted.disable();
        assertFalse(adapted.isEnabled());
        assertEquals(base.output(x), adapted.network().output(x));
        assertThrows(IllegalStateException.class, () -> adapted.network().fit(data()));
        assertThrows(IllegalStateException.class, adapted::merge);
        adapted.enable();
        assertEquals(trained, adapted.network().output(x));
        adapted.mergeInPlace();
        assertThrows(IllegalStateException.class, () -> adapted.network().fit(data()));
        adapted.disable();
        adapted.enable();
        assertFalse(adapted.isMerged());
        assertEquals(trained, adapted.network().output(x));
    }

    @Test
    void whatDl4jCopiesFindsItsFrozenWeights() {
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(mlp(), dense());
        DataSetIterator batches = new ListDataSetIterator<>(data().asList(), 4);
        CollectScoresIterationListener scores = new CollectScoresIterationListener();
        adapted.network().setListeners(scores);
        EarlyStoppingConfiguration<MultiLayerNetwork> stopping = new EarlyStoppingConfiguration.Builder<
                        MultiLayerNetwork>()
                .epochTerminationConditions(new MaxEpochsTerminationCondition(3))
                .scoreCalculator(new DataSetLossCalculator(batches, true))
                .modelSaver(new InMemoryModelSaver<>())
                .build();
        EarlyStoppingResult<MultiLayerNetwork> result =
                new EarlyStoppingTrainer(stopping, adapted.network(), batches).fit();
        MultiLayerNetwork best = result.getBestModel();

        assertNotSame(adapted.network(), best);
        assertTrue(Double.isFinite(best.score(data())));
        adapted.network().setParams(best.params());
        assertEquals(best.output(data().getFeatures()), adapted.network().output(data().getFeatures()));
        assertTrue(scores.getScoreVsIter().getEffectiveScores().length > 0);
    }

    @Test
    void recurrentLayersStepAndTruncate() {
        MultiLayerNetwork base = Networks.base(Networks.Kind.LSTM, DataType.FLOAT);
        base.getLayerWiseConfigurations().setBackpropType(BackpropType.TruncatedBPTT);
        base.getLayerWiseConfigurations().setTbpttFwdLength(2);
        base.getLayerWiseConfigurations().setTbpttBackLength(2);
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base, Networks.config(Networks.Kind.LSTM, 0));
        DataSet data = Networks.data(Networks.Kind.LSTM, DataType.FLOAT, 3, 1);
        INDArray whole = adapted.network().output(data.getFeatures());
        INDArray step = null;
        for (int t = 0; t < 6; t++) {
            step = adapted.network()
                    .rnnTimeStep(data.getFeatures()
                            .get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(t, t + 1)));
        }
        AdaptedLayersTest.assertClose(
                whole.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(5, 6)), step, 1e-6);
        INDArray before = base.params().dup();
        adapted.network().fit(data);
        assertEquals(before, base.params());
    }

    @Test
    void loraOneStepsDownTheGradientOfTheUsersData() {
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(mlp(), dense());
        DataSetIterator batches = new ListDataSetIterator<>(data().asList(), 4);
        double before = adapted.network().score(data());

        assertEquals(
                3,
                adapted.initialize(new LoraOneInit(), Minibatches.first(batches, 100), new RandomStreams(1))
                        .size());
        assertTrue(adapted.network().score(data()) < before, "one step down, before any training");
    }

    @Test
    void loraGaKeepsTheOutputOfConvolutionsAndEmbeddings() {
        ComputationGraph base = Networks.graph(DataType.DOUBLE, WorkspaceMode.ENABLED);
        MultiDataSet data = Networks.graphData(DataType.DOUBLE, 9, 1);
        LoraNetwork<ComputationGraph> adapted = Lora.inject(base, GRAPH);
        INDArray before = base.params().dup();
        adapted.initialize(new LoraGaInit(), List.of(data), new RandomStreams(1));

        assertEquals(before, base.params(), "the shift goes into arrays of the adapter's own");
        assertTrue(adapted.adapters().get("eye.conv").loraB().norm2Number().doubleValue() > 0);
        AdaptedLayersTest.assertClose(
                base.output(data.getFeatures())[0], adapted.network().output(data.getFeatures())[0], 1e-6);
        AdaptedLayersTest.assertClose(
                base.output(data.getFeatures())[0], adapted.merge().output(data.getFeatures())[0], 1e-6);

        LoraNetwork<MultiLayerNetwork> words = Lora.inject(
                Networks.base(Networks.Kind.EMBEDDING, DataType.DOUBLE), Networks.config(Networks.Kind.EMBEDDING, 0));
        DataSet indices = Networks.data(Networks.Kind.EMBEDDING, DataType.DOUBLE, 12, 1);
        INDArray output = words.network().output(indices.getFeatures());
        words.initialize(
                new LoraGaInit(),
                Minibatches.first(new ListDataSetIterator<>(indices.asList(), 5), 12),
                new RandomStreams(1));
        AdaptedLayersTest.assertClose(output, words.network().output(indices.getFeatures()), 1e-6);
    }

    @Test
    void patternsGiveRanksAndAlphasAndUnmatchedOnesAreRefused() {
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(
                mlp(),
                LoraConfig.builder()
                        .rank(1)
                        .alpha(1)
                        .targetKinds(LayerKind.DENSE, LayerKind.OUTPUT)
                        .rankPattern("layer[12]", 3)
                        .rankPattern("layer.", 2)
                        .alphaPattern("^layer3", 8)
                        .build());
        assertEquals(2, adapted.adapters().get("layer0").config().getRank());
        assertEquals(3, adapted.adapters().get("layer1").config().getRank(), "the first key wins");
        assertEquals(2, adapted.adapters().get("layer3").config().getRank());
        assertEquals(4.0, adapted.adapters().get("layer3").config().scale(), 1e-15);

        refused(
                "rank pattern \"layer7\"",
                LoraConfig.builder().targetModules("layer0").rankPattern("layer7", 1));
        refused("adapter target \"query\"", LoraConfig.builder().targetModules("query"));
        refused("target pattern \"laye\"", LoraConfig.builder().targetPattern("laye"));
        refused("target kind EMBEDDING", LoraConfig.builder().targetKinds(LayerKind.EMBEDDING));
        refused(
                "modulesToSave \"haed\"",
                LoraConfig.builder().targetModules("layer0").modulesToSave("haed"));
        refused("adapter rank 8 is larger", LoraConfig.builder().targetModules("layer0"));
        refused(
                "nothing is left to adapt",
                LoraConfig.builder().rank(1).targetModules("layer0").modulesToSave("layer0"));
    }

    private static void refused(String start, io.lora4j.adapter.LoraConfigBuilder config) {
        UserException e = assertThrows(UserException.class, () -> Lora.inject(mlp(), config.build()));
        assertTrue(e.getMessage().startsWith(start), e.getMessage());
    }

    /** DL4J's own frozen layers would stop the backward pass below them. */
    @Test
    void layersThatTransferLearningFrozeAreAdapted() {
        MultiLayerNetwork frozen = new TransferLearning.Builder(mlp())
                .setFeatureExtractor(2)
                .nOutReplace(3, 4, org.deeplearning4j.nn.weights.WeightInit.XAVIER)
                .build();
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(frozen, dense());
        INDArray labels = Nd4j.zeros(12, 4);
        for (int i = 0; i < 12; i++) {
            labels.putScalar(i, i % 4, 1);
        }
        DataSet data = new DataSet(data().getFeatures(), labels);
        INDArray bottom = adapted.adapters().get("layer0").loraB().dup();
        adapted.network().fit(data);

        assertNotEquals(bottom, adapted.adapters().get("layer0").loraB(), "the gradient reaches the lowest layer");
        AdaptedLayersTest.assertClose(
                adapted.network().output(data.getFeatures()), adapted.merge().output(data.getFeatures()), 1e-5);
    }
}
