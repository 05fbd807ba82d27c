package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.models.family.EncoderFamilies;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Analytic against numeric gradients through every vertex, in float64: trainable stock layers stand before the vertex under test, so
 * its gradients for its inputs are what is checked.
 */
@Tag("gradcheck")
class EncoderVertexGradientCheckTest {
    private static final int HIDDEN = 6;
    private static final int[][] LAYOUT = {{1, 1, 1, 0}, {1, 0, 0, 0}, {1, 1, 1, 1}};
    private static final int[][] UNIFORM = {{1, 1, 1}, {1, 1, 1}};
    private static DataType before = DataType.FLOAT;

    /** The checker refuses to work unless the process-wide default is float64. */
    @BeforeAll
    static void useFloat64() {
        before = Nd4j.dataType();
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
    }

    @AfterAll
    static void restore() {
        Nd4j.setDefaultDataTypes(before, before);
    }

    @ParameterizedTest
    @CsvSource({"ENABLED,0,0", "NONE,0,0", "ENABLED,0.4,0.3", "NONE,0.4,0.3"})
    void layerNormOfOneInput(WorkspaceMode workspaces, double inputDropout, double outputDropout) {
        check(workspaces, LAYOUT, graph -> {
            dense(graph, "before", "rows");
            graph.addVertex("norm", new ResidualLayerNorm(HIDDEN, 1e-3, inputDropout, outputDropout), "before");
            finish(graph, "norm", Pooling.MEAN);
        });
    }

    /** "shared" feeds the norm twice, once through "before", so DL4J has to add up two gradients. */
    @ParameterizedTest
    @CsvSource({"ENABLED,0,0", "NONE,0,0", "ENABLED,0.4,0.3", "NONE,0.4,0.3"})
    void layerNormOfASum(WorkspaceMode workspaces, double inputDropout, double outputDropout) {
        check(workspaces, LAYOUT, graph -> {
            dense(graph, "shared", "rows");
            dense(graph, "before", "shared");
            graph.addVertex(
                    "norm", new ResidualLayerNorm(HIDDEN, 1e-3, inputDropout, outputDropout), "before", "shared");
            finish(graph, "norm", Pooling.MEAN);
        });
    }

    /** The vertex's own weight and bias too. */
    @ParameterizedTest
    @CsvSource({"ENABLED,0,0,1", "NONE,0,0,2", "ENABLED,0.4,0.3,2", "NONE,0.4,0.3,1"})
    void trainableLayerNorm(WorkspaceMode workspaces, double inputDropout, double outputDropout, int inputs) {
        check(workspaces, LAYOUT, graph -> {
            dense(graph, "shared", "rows");
            dense(graph, "before", "shared");
            TrainableResidualLayerNorm norm =
                    new TrainableResidualLayerNorm(new ResidualLayerNorm(HIDDEN, 1e-3, inputDropout, outputDropout));
            norm.setUpdater(new NoOp());
            String[] names = inputs == 1 ? new String[] {"before"} : new String[] {"before", "shared"};
            graph.addVertex("norm", norm, names);
            finish(graph, "norm", Pooling.MEAN);
        });
    }

    @ParameterizedTest
    @CsvSource({"ENABLED,IDENTITY", "NONE,TANH", "ENABLED,TANH"})
    void trainableLinear(WorkspaceMode workspaces, Activation activation) {
        check(workspaces, LAYOUT, graph -> {
            dense(graph, "before", "rows");
            linear(graph, "linear", activation, "before");
            finish(graph, "linear", Pooling.MEAN);
        });
    }

    /** Every parameter of a classifier of one block; token ids and types occur more than once, some never. */
    @ParameterizedTest
    @CsvSource({"NONE,CLS,0", "ENABLED,CLS,0.2", "ENABLED,MEAN,0"})
    void trainableClassifier(WorkspaceMode workspaces, Pooling pooling, double dropout) {
        EncoderConfig config = BertFixtures.bert(7, 4, 1, 2, 6, 5, 2, 1e-12, dropout, dropout, dropout, 0.02);
        checkTrainable(config, pooling, workspaces);
    }

    /** Likewise for every family: other embeddings, other layers, heads of two layers. */
    @ParameterizedTest
    @CsvSource({"roberta,4,1,1,GELU", "distilbert,4,0,-1,GELU_TANH", "electra,3,2,-1,SILU"})
    void trainableClassifierOfOtherFamilies(
            String family, int embeddingSize, int types, int pad, HiddenActivation activation) {
        EncoderConfig config = new EncoderConfig(
                Objects.requireNonNull(EncoderFamilies.find(family)),
                7,
                embeddingSize,
                4,
                1,
                2,
                6,
                5,
                types,
                pad,
                1e-12,
                activation,
                0.2,
                0.2,
                0.2,
                0.3);
        checkTrainable(config, Pooling.CLS, WorkspaceMode.ENABLED);
    }

    private static void checkTrainable(EncoderConfig config, Pooling pooling, WorkspaceMode workspaces) {
        ComputationGraphConfiguration conf = EncoderGraph.trainableClassifier(config, pooling, 3, DataType.DOUBLE, 9);
        conf.setTrainingWorkspaceMode(workspaces);
        conf.setInferenceWorkspaceMode(workspaces);
        conf.getVertices().values().forEach(vertex -> {
            if (vertex instanceof TrainableVertexConfig trainable) {
                trainable.setUpdater(new NoOp());
            } else if (vertex instanceof LayerVertex layer
                    && layer.getLayerConf().getLayer() instanceof BaseLayer b) {
                b.setIUpdater(new NoOp());
            }
        });
        ComputationGraph graph = new ComputationGraph(conf);
        graph.init();
        randomize(graph, 4);
        INDArray[] features = BertFixtures.randomFeatures(config, 6, 5, 5, 2, 3);
        assertGradients(graph, features, BertFixtures.oneHot(3, 3, DataType.DOUBLE), 2e-5);
    }

    @ParameterizedTest
    @CsvSource({"ENABLED,0,false", "NONE,0,false", "ENABLED,0.4,false", "NONE,0.4,true", "ENABLED,0,true"})
    void selfAttention(WorkspaceMode workspaces, double dropout, boolean uniform) {
        check(workspaces, uniform ? UNIFORM : LAYOUT, graph -> {
            dense(graph, "shared", "rows");
            dense(graph, "query", "shared");
            dense(graph, "key", "shared");
            dense(graph, "value", "shared");
            graph.addVertex("norm", new SelfAttention(2, dropout), "query", "key", "value", "layout");
            finish(graph, "norm", Pooling.MEAN);
        });
    }

    /** One query per sequence; the first rows feed the query and the sum behind attention, as in a classifier's last layer. */
    @ParameterizedTest
    @CsvSource({"ENABLED,0,false", "NONE,0,false", "ENABLED,0.4,false", "NONE,0.4,true", "ENABLED,0,true"})
    void firstRows(WorkspaceMode workspaces, double dropout, boolean uniform) {
        check(workspaces, uniform ? UNIFORM : LAYOUT, graph -> {
            dense(graph, "shared", "rows");
            graph.addVertex("first", new FirstRows(), "shared", "layout");
            dense(graph, "query", "first");
            dense(graph, "key", "shared");
            dense(graph, "value", "shared");
            graph.addVertex("attention", new SelfAttention(2, dropout, true), "query", "key", "value", "layout");
            graph.addVertex("norm", new ResidualLayerNorm(HIDDEN, 1e-3, 0, 0), "attention", "first");
            finish(graph, "norm", new SequencePooling(Pooling.FIRST_TOKEN, true));
        });
    }

    @ParameterizedTest
    @CsvSource({"ENABLED,GELU", "NONE,GELU", "ENABLED,GELU_TANH", "NONE,RELU", "ENABLED,SILU"})
    void activation(WorkspaceMode workspaces, HiddenActivation function) {
        check(workspaces, LAYOUT, graph -> {
            dense(graph, "before", "rows");
            graph.addVertex("activation", new RowActivation(function), "before");
            finish(graph, "activation", Pooling.MEAN);
        });
    }

    /** A linear layer is done with its output: with workspaces the derivative is written over it, unless a second vertex reads it. */
    @ParameterizedTest
    @CsvSource({
        "ENABLED,GELU,1",
        "ENABLED,GELU_TANH,1",
        "ENABLED,RELU,1",
        "ENABLED,SILU,1",
        "ENABLED,GELU,2",
        "NONE,GELU,2"
    })
    void activationOverItsInput(WorkspaceMode workspaces, HiddenActivation function, int readers) {
        check(workspaces, LAYOUT, graph -> {
            linear(graph, "linear", "rows");
            graph.addVertex("activation", new RowActivation(function), "linear");
            linear(graph, "second", "activation");
            String residual = readers == 1 ? "activation" : "linear";
            graph.addVertex("norm", new ResidualLayerNorm(HIDDEN, 1e-3, 0.3, 0.2), "second", residual);
            finish(graph, "norm", Pooling.MEAN);
        });
    }

    @ParameterizedTest
    @CsvSource({"ENABLED,CLS", "NONE,CLS", "ENABLED,FIRST_TOKEN", "ENABLED,MEAN", "NONE,MEAN"})
    void pooling(WorkspaceMode workspaces, Pooling pooling) {
        check(workspaces, LAYOUT, graph -> {
            dense(graph, "before", "rows");
            finish(graph, "before", pooling);
        });
    }

    @ParameterizedTest
    @CsvSource({"ENABLED,0", "NONE,0", "ENABLED,0.4", "NONE,0.4"})
    void dropout(WorkspaceMode workspaces, double rate) {
        check(workspaces, LAYOUT, graph -> {
            dense(graph, "before", "rows");
            graph.addVertex("dropped", new RowDropout(rate), "before");
            finish(graph, "dropped", Pooling.MEAN);
        });
    }

    /** A whole classifier of one block, with an adapter in every linear layer. */
    @ParameterizedTest
    @CsvSource({"NONE,CLS,0", "ENABLED,MEAN,0.2"})
    void adaptedClassifier(WorkspaceMode workspaces, Pooling pooling, double dropout) {
        EncoderConfig config = BertFixtures.bert(11, 4, 1, 2, 6, 5, 2, 1e-12, dropout, dropout, dropout, 0.02);
        ComputationGraphConfiguration base = EncoderGraph.classifier(config, pooling, 3, DataType.DOUBLE, 9);
        base.setTrainingWorkspaceMode(workspaces);
        base.setInferenceWorkspaceMode(workspaces);
        LoraConfig lora = new LoraConfig(1, 2, Scaling.STANDARD, 0, List.of("query", "key", "value", "dense"));
        ComputationGraphConfiguration adapted = AdapterInjector.inject(base, lora);
        adapted.getVertices().values().forEach(vertex -> {
            if (vertex instanceof LayerVertex layer && layer.getLayerConf().getLayer() instanceof BaseLayer b) {
                b.setIUpdater(new NoOp());
            }
        });
        AdaptedModel model = AdaptedModel.of(adapted, BertFixtures.randomWeights(config, DataType.DOUBLE, 8));
        randomize(model.graph(), 4);
        assertEquals(pooling == Pooling.CLS ? 7 : 6, model.adapters().size());
        INDArray[] features = BertFixtures.randomFeatures(config, 6, 5, 5, 2, 3);

        assertGradients(model.graph(), features, BertFixtures.oneHot(3, 3, DataType.DOUBLE), 2e-5);
    }

    private static void dense(GraphBuilder graph, String name, String input) {
        graph.addLayer(
                name,
                new DenseLayer.Builder()
                        .nIn(HIDDEN)
                        .nOut(HIDDEN)
                        .activation(Activation.TANH)
                        .build(),
                input);
    }

    private static void linear(GraphBuilder graph, String name, String input) {
        linear(graph, name, Activation.IDENTITY, input);
    }

    private static void linear(GraphBuilder graph, String name, Activation activation, String input) {
        graph.addLayer(
                name,
                TrainableLinear.builder()
                        .nIn(HIDDEN)
                        .nOut(HIDDEN)
                        .activation(activation)
                        .build(),
                input);
    }

    private static void finish(GraphBuilder graph, String rows, Pooling pooling) {
        finish(graph, rows, new SequencePooling(pooling));
    }

    private static void finish(GraphBuilder graph, String rows, SequencePooling pooling) {
        graph.addVertex("pooling", pooling, rows, "layout")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(HIDDEN)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pooling")
                .setOutputs("out");
    }

    private static void check(WorkspaceMode workspaces, int[][] layout, Consumer<GraphBuilder> body) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .seed(5)
                .updater(new NoOp())
                .weightInit(WeightInit.XAVIER)
                .trainingWorkspaceMode(workspaces)
                .inferenceWorkspaceMode(workspaces)
                .graphBuilder()
                .addInputs("layout", "rows");
        body.accept(builder);
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        randomize(graph, 17);
        Random random = new Random(3);
        new FrozenWeights(Map.of("norm.weight", vector(random), "norm.bias", vector(random))).bindTo(graph);
        INDArray marks = Nd4j.createFromArray(layout);
        INDArray rows = Nd4j.rand(DataType.DOUBLE, marks.sumNumber().longValue(), HIDDEN);
        assertGradients(
                graph, new INDArray[] {marks, rows}, BertFixtures.oneHot(layout.length, 2, DataType.DOUBLE), 1e-5);
    }

    private static INDArray vector(Random random) {
        double[] values = new double[HIDDEN];
        java.util.Arrays.setAll(values, i -> 1 + 0.5 * random.nextGaussian());
        return Nd4j.createFromArray(values);
    }

    /** Large random parameters, biases included, so that no gradient is zero by accident. */
    private static void randomize(ComputationGraph graph, long seed) {
        Random random = new Random(seed);
        INDArray parameters = graph.params();
        for (long i = 0; i < parameters.length(); i++) {
            parameters.putScalar(i, 0.6 * random.nextGaussian());
        }
    }

    private static void assertGradients(
            ComputationGraph graph, INDArray[] features, INDArray labels, double maxRelativeError) {
        boolean passed = GradientCheckUtil.checkGradients(new GradientCheckUtil.GraphConfig()
                .net(graph)
                .epsilon(1e-6)
                .maxRelError(maxRelativeError)
                .minAbsoluteError(1e-8)
                .print(GradientCheckUtil.PrintMode.FAILURES_ONLY)
                .exitOnFirstError(true)
                .inputs(features)
                .labels(new INDArray[] {labels})
                // Every pass must see the same dropout masks.
                .callEachIter(net -> Nd4j.getRandom().setSeed(12345)));
        assertTrue(passed);
        assertTrue(graph.gradient().gradient().norm2Number().doubleValue() > 1e-3, "something was checked");
    }
}
