package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.init.AdapterSetup;
import io.lora4j.init.GaussianInit;
import io.lora4j.train.RandomStreams;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** Inputs that are written over, and those that must not be. */
class OverwrittenInputTest {
    private static final int HIDDEN = 32;
    private static final int INNER = 96;
    private static final int LAYERS = 2;
    private static final EncoderConfig CONFIG =
            BertFixtures.bert(30, HIDDEN, LAYERS, 2, INNER, 16, 2, 1e-12, 0, 0, 0, 0.02);

    private static AdaptedModel model() {
        return AdaptedModel.of(
                EncoderGraph.classifier(CONFIG, Pooling.MEAN, 3, DataType.FLOAT, 1),
                BertFixtures.randomWeights(CONFIG, DataType.FLOAT, 8));
    }

    /** With adapters whose factors are both far from zero. */
    private static AdaptedModel adapted(String... targets) {
        AdaptedModel model = AdaptedModel.of(
                AdapterInjector.inject(
                        EncoderGraph.classifier(CONFIG, Pooling.MEAN, 3, DataType.FLOAT, 1),
                        LoraConfig.builder()
                                .rank(2)
                                .alpha(4)
                                .targetModules(targets)
                                .build()),
                BertFixtures.randomWeights(CONFIG, DataType.FLOAT, 8));
        AdapterSetup.apply(model, new GaussianInit(), null, Map.of(), new RandomStreams(1));
        Nd4j.getRandom().setSeed(8);
        model.adapters().values().forEach(layer -> layer.loraB()
                .addi(Nd4j.randn(layer.loraB().shape()).muli(0.1)));
        return model;
    }

    private static INDArray[] features() {
        return BertFixtures.randomFeatures(CONFIG, 4, 16, 9, 16, 3, 5);
    }

    @Test
    void everyNormAndActivationOfAnEncoderReadsAloneWhatItsProducerIsDoneWith() {
        ComputationGraph graph = model().graph();

        int vertices = 0;
        for (GraphVertex vertex : graph.getVertices()) {
            if (vertex instanceof RowActivationVertex || vertex instanceof ResidualLayerNormVertex) {
                assertTrue(OverwrittenInput.hasOneReader(graph, vertex), vertex.getVertexName());
                vertices++;
            }
        }
        assertEquals(1 + 3 * LAYERS, vertices);
    }

    @Test
    void aSecondReaderAnOutputOrAProducerThatNeedsItKeepsTheInputWhole() {
        NeuralNetConfiguration.Builder settings = new NeuralNetConfiguration.Builder().updater(new NoOp());
        ComputationGraphConfiguration configuration = settings.graphBuilder()
                .addInputs("rows")
                .addLayer("alone", linear(), "rows")
                .addVertex("of alone", new RowActivation(HiddenActivation.GELU), "alone")
                .addLayer("shared", linear(), "rows")
                .addVertex("first", new RowActivation(HiddenActivation.GELU), "shared")
                .addVertex("second", new ResidualLayerNorm(4, 1e-5, 0, 0), "first", "shared")
                .addVertex("twice", new ResidualLayerNorm(4, 1e-5, 0, 0), "both", "both")
                .addLayer("both", linear(), "rows")
                .addLayer("output", linear(), "rows")
                .addVertex("of output", new RowActivation(HiddenActivation.GELU), "output")
                .addLayer(
                        "stock",
                        new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build(),
                        "rows")
                .addVertex("of stock", new RowActivation(HiddenActivation.GELU), "stock")
                .addVertex("of rows", new RowActivation(HiddenActivation.GELU), "rows")
                .setOutputs("of alone", "second", "twice", "output", "of output", "of stock", "of rows")
                .build();
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();

        assertTrue(OverwrittenInput.hasOneReader(graph, graph.getVertex("of alone")));
        for (String name : List.of("first", "second", "twice", "of output", "of stock", "of rows")) {
            assertFalse(OverwrittenInput.hasOneReader(graph, graph.getVertex(name)), name);
        }
    }

    private static TrainableLinear linear() {
        return TrainableLinear.builder()
                .nIn(4)
                .nOut(4)
                .activation(Activation.IDENTITY)
                .build();
    }

    @Test
    void activationsOfATrainingPassThatAreReturnedAreWhole() {
        ComputationGraph graph = model().graph();
        Map<String, INDArray> inference = graph.feedForward(features(), false);

        assertWhole(inference, graph.feedForward(features(), true));
    }

    /** What is spared beside the inputs that are written over: activations' outputs, where no adapter reads them again. */
    static Stream<Arguments> models() {
        return Stream.of(
                Arguments.of(model(), INNER),
                Arguments.of(adapted("query", "value"), INNER),
                Arguments.of(adapted("query", "intermediate.dense"), INNER),
                Arguments.of(adapted("query", "value", "dense"), 0));
    }

    @ParameterizedTest
    @MethodSource("models")
    void aListenerSeesWholeActivationsAndThenEveryVertexHasItsOwnArray(AdaptedModel model, int passing) {
        Map<String, INDArray> inference = model.graph().feedForward(features(), false);
        long saved = workspaceOf(model);
        INDArray gradient = model.graph().gradient().gradient().dup();
        Map<String, INDArray> seen = new HashMap<>();
        model.graph().setListeners(new BaseTrainingListener() {
            @Override
            public void onForwardPass(Model network, Map<String, INDArray> activations) {
                activations.forEach((name, array) -> seen.put(name, array.detach()));
            }
        });

        long whole = workspaceOf(model);

        assertWhole(inference, seen);
        assertEquals(gradient, model.graph().gradient().gradient(), "the same bits");
        assertTrue(gradient.norm2Number().doubleValue() > 0);
        long rows = features()[0].sumNumber().longValue();
        long expected = Float.BYTES * rows * (HIDDEN + LAYERS * (2L * HIDDEN + INNER + passing));
        // DL4J makes a workspace 5 % larger than what it has seen.
        assertEquals(1.05, (double) (whole - saved) / expected, 0.01);
    }

    @Test
    void shorterAndLongerBatchesShareTheMemoryOfPassingOutputs() {
        AdaptedModel model = adapted("query", "value");
        INDArray first = gradientOf(model, 9, 16, 3, 5);
        gradientOf(model, 2);
        INDArray longer = gradientOf(model, 16, 16, 16, 16, 16, 9);

        assertEquals(first, gradientOf(model, 9, 16, 3, 5));
        assertEquals(longer, gradientOf(adapted("query", "value"), 16, 16, 16, 16, 16, 9));
    }

    private static INDArray gradientOf(AdaptedModel model, int... lengths) {
        model.graph().setInputs(BertFixtures.randomFeatures(CONFIG, 4, 16, lengths));
        model.graph().setLabels(BertFixtures.oneHot(lengths.length, 3, DataType.FLOAT));
        model.graph().computeGradientAndScore();
        return model.graph().gradient().gradient().dup();
    }

    /** The size of the workspace that holds the activations of a pass. */
    private static long workspaceOf(AdaptedModel model) {
        Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
        model.graph().setInputs(features());
        model.graph().setLabels(BertFixtures.oneHot(4, 3, DataType.FLOAT));
        model.graph().computeGradientAndScore();
        model.graph().computeGradientAndScore();
        return Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread().stream()
                .filter(workspace -> workspace.getId().equals("WS_ALL_LAYERS_ACT"))
                .mapToLong(MemoryWorkspace::getCurrentSize)
                .sum();
    }

    private static void assertWhole(Map<String, INDArray> expected, Map<String, INDArray> actual) {
        actual.forEach((name, array) -> assertEquals(expected.get(name), array, name));
        assertTrue(actual.size() > 8 * LAYERS, "all activations");
    }
}
