package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.init.LoraOneInit;
import io.lora4j.train.RandomStreams;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingGraphTrainer;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.adapter.SingletonMultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What users do to their networks, all at once: several inputs, outputs and masks, regularisation of every kind, DL4J's own tools. */
class EverydayUseTest {
    private static final int STEPS = 5;

    /** Words with a mask and a table go in; a class per row and a class per step come out. */
    private static ComputationGraph graph(DataType type, IUpdater updater, WorkspaceMode workspaces) {
        ComputationGraphConfiguration conf = new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(type)
                .updater(updater)
                .l2(1e-3)
                .l1(1e-4)
                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                .gradientNormalizationThreshold(5)
                .weightInit(new NormalDistribution(0, 0.5))
                .activation(Activation.TANH)
                .trainingWorkspaceMode(workspaces)
                .inferenceWorkspaceMode(workspaces)
                .graphBuilder()
                .addInputs("words", "table")
                .addLayer(
                        "embedding",
                        new EmbeddingSequenceLayer.Builder().nIn(7).nOut(4).build(),
                        "words")
                .addLayer(
                        "lstm",
                        new Bidirectional(
                                Bidirectional.Mode.ADD,
                                new LSTM.Builder().nOut(4).build()),
                        "embedding")
                .addVertex("last", new LastTimeStepVertex("words"), "lstm")
                .addLayer("rows", new DenseLayer.Builder().nOut(4).build(), "table")
                .addLayer("norm", new BatchNormalization(), "rows")
                .addLayer("again", new DenseLayer.Builder().nOut(4).build(), "norm")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "again")
                .addVertex("both", new MergeVertex(), "last", "sum")
                .addLayer(
                        "class",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "both")
                .addLayer(
                        "tags",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "lstm")
                .setOutputs("class", "tags")
                .setInputTypes(InputType.recurrent(7, STEPS), InputType.feedForward(3))
                .build();
        ComputationGraph graph = new ComputationGraph(conf);
        graph.init();
        return graph;
    }

    private static MultiDataSet data(DataType type, int examples) {
        Nd4j.getRandom().setSeed(1);
        INDArray words = Nd4j.zeros(type, examples, 1, STEPS);
        INDArray mask = Nd4j.ones(type, examples, STEPS);
        INDArray classes = Nd4j.zeros(type, examples, 3);
        INDArray tags = Nd4j.zeros(type, examples, 2, STEPS);
        for (int i = 0; i < examples; i++) {
            classes.putScalar(i, i % 3, 1);
            for (int t = 0; t < STEPS; t++) {
                words.putScalar(new int[] {i, 0, t}, (3 * i + 2 * t) % 7);
                tags.putScalar(new int[] {i, (i + t) % 2, t}, 1);
                mask.putScalar(i, t, t <= i % STEPS ? 1 : 0);
            }
        }
        return new MultiDataSet(
                new INDArray[] {words, Nd4j.randn(type, examples, 3)},
                new INDArray[] {classes, tags},
                new INDArray[] {mask, null},
                new INDArray[] {null, mask});
    }

    private static LoraConfig everything() {
        return LoraConfig.builder()
                .rank(2)
                .alpha(4)
                .targetPattern("embedding|rows|again|class")
                .build();
    }

    @ParameterizedTest
    @EnumSource(
            value = WorkspaceMode.class,
            names = {"ENABLED", "NONE"})
    void aGraphOfManyPartsTrainsMergesAndGoesOn(WorkspaceMode workspaces, @TempDir Path folder) throws Exception {
        ComputationGraph base = graph(DataType.FLOAT, new Adam(0.02), workspaces);
        INDArray before = base.params().dup();
        MultiDataSet data = data(DataType.FLOAT, 9);
        LoraNetwork<ComputationGraph> adapted = Lora.inject(base, everything());
        ComputationGraph network = adapted.network();
        network.setLayerMaskArrays(data.getFeaturesMaskArrays(), data.getLabelsMaskArrays());
        network.clearLayerMaskArrays();
        adapted.initialize(new LoraOneInit(), List.of(data), new RandomStreams(1));
        CollectScoresIterationListener scores = new CollectScoresIterationListener();
        network.addListeners(scores);
        double first = network.score(data);
        EarlyStoppingConfiguration<ComputationGraph> stopping = new EarlyStoppingConfiguration.Builder<
                        ComputationGraph>()
                .epochTerminationConditions(new MaxEpochsTerminationCondition(20))
                .scoreCalculator(new DataSetLossCalculator(new SingletonMultiDataSetIterator(data), true))
                .modelSaver(new InMemoryModelSaver<>())
                .build();
        ComputationGraph best = new EarlyStoppingGraphTrainer(
                        stopping, network, new SingletonMultiDataSetIterator(data), null)
                .fit()
                .getBestModel();

        assertTrue(best.score(data) < first, first + " -> " + best.score(data));
        assertEquals(before, base.params(), "weights and running statistics to the last bit");
        network.setParams(best.params());
        INDArray[] output = output(network, data);
        assertTrue(network.summary().contains("embedding"));
        assertFalse(network.getConfiguration().toJson().isEmpty());

        ComputationGraph merged = adapted.merge();
        Path file = folder.resolve("merged.zip");
        merged.save(file.toFile());
        for (int i = 0; i < 2; i++) {
            AdaptedLayersTest.assertClose(output[i], output(merged, data)[i], 1e-5);
            AdaptedLayersTest.assertClose(
                    output[i], output(ComputationGraph.load(file.toFile(), false), data)[i], 1e-5);
        }
        ComputationGraph next = new TransferLearning.GraphBuilder(merged)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Adam(0.01))
                        .build())
                .setFeatureExtractor("lstm", "norm")
                .nOutReplace("class", 3, WeightInit.XAVIER)
                .build();
        next.fit(data);
        LoraNetwork<ComputationGraph> again = Lora.inject(next, everything());
        double start = again.network().score(data);
        for (int i = 0; i < 10; i++) {
            again.network().fit(data);
        }
        assertTrue(again.network().score(data) < start, "adapted again, below what transfer learning froze");
    }

    private static INDArray[] output(ComputationGraph graph, MultiDataSet data) {
        return graph.output(false, data.getFeatures(), data.getFeaturesMaskArrays(), data.getLabelsMaskArrays());
    }

    @Test
    @Tag("gradcheck")
    void theGradientOfManyPartsIsRight() {
        DataType before = Nd4j.dataType();
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
        try {
            ComputationGraph base = graph(DataType.DOUBLE, new NoOp(), WorkspaceMode.ENABLED);
            LoraNetwork<ComputationGraph> adapted = Lora.inject(base, everything());
            Networks.randomize(adapted);
            MultiDataSet data = data(DataType.DOUBLE, 3);
            assertTrue(GradientCheckUtil.checkGradients(new GradientCheckUtil.GraphConfig()
                    .net(adapted.network())
                    .epsilon(1e-6)
                    .maxRelError(1e-5)
                    .minAbsoluteError(1e-9)
                    .exitOnFirstError(true)
                    .inputs(data.getFeatures())
                    .labels(data.getLabels())
                    .inputMask(data.getFeaturesMaskArrays())
                    .labelMask(data.getLabelsMaskArrays())));
        } finally {
            Nd4j.setDefaultDataTypes(before, before);
        }
    }

    /** Dropout, noise on weights, norms of weights: of frozen layers they are DL4J's business, and nothing frozen moves. */
    @ParameterizedTest
    @EnumSource(
            value = WorkspaceMode.class,
            names = {"ENABLED", "NONE"})
    void regularisationOfEveryKind(WorkspaceMode workspaces) {
        MultiLayerConfiguration conf = new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Nesterovs(0.003, 0.9))
                .biasUpdater(new Adam(0.01))
                .l2(1e-3)
                .weightDecay(1e-2)
                .dropOut(new Dropout(0.8))
                .weightNoise(new DropConnect(0.9))
                .constrainWeights(new MaxNormConstraint(0.7, 1))
                .gradientNormalization(GradientNormalization.RenormalizeL2PerParamType)
                .weightInit(new NormalDistribution(0, 0.5))
                .activation(Activation.TANH)
                .trainingWorkspaceMode(workspaces)
                .inferenceWorkspaceMode(workspaces)
                .list(
                        new DenseLayer.Builder().name("first").nOut(6).build(),
                        new BatchNormalization(),
                        new DenseLayer.Builder().name("second").nOut(5).build(),
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .name("head")
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build())
                .setInputType(InputType.feedForward(4))
                .build();
        MultiLayerNetwork base = new MultiLayerNetwork(conf);
        base.init();
        DataSet data = Networks.data(Networks.Kind.MLP, DataType.FLOAT, 12, 1);
        base.fit(data);
        INDArray before = base.params().dup();
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(
                base,
                LoraConfig.builder()
                        .rank(2)
                        .dropout(0.1)
                        .targetKinds(LayerKind.DENSE, LayerKind.OUTPUT)
                        .build());
        MultiLayerNetwork network = adapted.network();
        assertEquals(base.output(data.getFeatures()), network.output(data.getFeatures()));
        INDArray factors = network.params().dup();
        double first = network.score(data);
        network.fit(new ListDataSetIterator<>(data.asList(), 5), 30);

        assertEquals(before, base.params());
        assertNotEquals(factors, network.params());
        assertTrue(network.score(data) < first, first + " -> " + network.score(data));
        Evaluation evaluation = network.evaluate(new ListDataSetIterator<>(data.asList(), 5));
        assertEquals(12, evaluation.getNumRowCounter());
        assertEquals(
                evaluation.accuracy(),
                adapted.merge()
                        .evaluate(new ListDataSetIterator<>(data.asList(), 5))
                        .accuracy());
        AdaptedLayersTest.assertClose(
                network.output(data.getFeatures()), adapted.merge().output(data.getFeatures()), 1e-5);
        assertTrue(network.updaterState().length() >= network.params().length(), "momentum of the factors");
    }
}
