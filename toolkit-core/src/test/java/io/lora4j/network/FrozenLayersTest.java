package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraLinearLayer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * DL4J's other layers with parameters between an adapted layer and the loss: frozen to the last bit, computing as they did, and passing
 * the gradient on.
 */
class FrozenLayersTest {
    private static final int CLASSES = 3;
    private static final int STEPS = 5;

    /** What stands above the adapted layer "target". */
    @SuppressWarnings("deprecation") // old recurrent layers of trained networks
    enum Above {
        LSTM_LAST(Shape.SEQUENCE, () -> List.of(new LastTimeStep(lstm()))),
        BIDIRECTIONAL_LAST(
                Shape.SEQUENCE, () -> List.of(new LastTimeStep(new Bidirectional(Bidirectional.Mode.CONCAT, lstm())))),
        BIDIRECTIONAL_POOLED(
                Shape.SEQUENCE, () -> List.of(new Bidirectional(Bidirectional.Mode.MUL, lstm()), pooling())),
        GRAVES(
                Shape.SEQUENCE,
                () -> List.of(
                        new GravesLSTM.Builder().nOut(3).build(),
                        new GravesBidirectionalLSTM.Builder().nOut(3).build(),
                        pooling())),
        SIMPLE_RNN(Shape.SEQUENCE, () -> List.of(new SimpleRnn.Builder().nOut(4).build(), pooling())),
        TIME_DISTRIBUTED(
                Shape.SEQUENCE,
                () -> List.of(
                        lstm(),
                        new TimeDistributed(new DenseLayer.Builder().nOut(4).build()),
                        pooling())),
        MASK_ZERO(
                Shape.SEQUENCE,
                () -> List.of(
                        new MaskZeroLayer.Builder()
                                .setUnderlying(new LSTM.Builder().nIn(4).nOut(4).build())
                                .setMaskValue(7)
                                .build(),
                        pooling())),
        SELF_ATTENTION(
                Shape.SEQUENCE,
                () -> List.of(
                        new SelfAttentionLayer.Builder()
                                .nOut(4)
                                .nHeads(2)
                                .projectInput(true)
                                .build(),
                        pooling())),
        RECURRENT_ATTENTION(
                Shape.SEQUENCE,
                () -> List.of(
                        new RecurrentAttentionLayer.Builder()
                                .nIn(4)
                                .nOut(4)
                                .nHeads(1)
                                .projectInput(false)
                                .build(),
                        pooling())),
        RNN_OUTPUT(Shape.STEPS, () -> List.of(lstm())),
        SEPARABLE(
                Shape.IMAGE,
                () -> List.of(new SeparableConvolution2D.Builder(2, 2).nOut(4).build())),
        DEPTHWISE(
                Shape.IMAGE,
                () -> List.of(new DepthwiseConvolution2D.Builder(2, 2)
                        .depthMultiplier(2)
                        .build())),
        DECONVOLUTION(
                Shape.IMAGE,
                () -> List.of(
                        new Deconvolution2D.Builder(2, 2).nOut(3).build(),
                        new PReLULayer.Builder().inputShape(3, 4, 5).build())),
        BATCH_NORM_LOG_STD(
                Shape.IMAGE,
                () -> List.of(new BatchNormalization.Builder().useLogStd(true).build())),
        BATCH_NORM_LOCKED(
                Shape.IMAGE,
                () -> List.of(
                        new BatchNormalization.Builder().lockGammaBeta(true).build())),
        CONVOLUTION_3D(
                Shape.VOLUME,
                () -> List.of(new Convolution3D.Builder(2, 2, 2).nOut(2).build())),
        DENSE_WITH_LAYER_NORM(
                Shape.ROWS,
                () -> List.of(
                        new DenseLayer.Builder().nOut(5).hasLayerNorm(true).build())),
        MULTIPLICATION(
                Shape.ROWS,
                () -> List.of(new ElementWiseMultiplicationLayer.Builder()
                        .nIn(4)
                        .nOut(4)
                        .build())),
        PRELU(Shape.ROWS, () -> List.of(new PReLULayer.Builder().inputShape(4).build(), new DropoutLayer(0.9))),
        AUTOENCODER(
                Shape.ROWS,
                () -> List.of(new VariationalAutoencoder.Builder()
                        .encoderLayerSizes(5)
                        .decoderLayerSizes(5)
                        .nOut(3)
                        .build())),
        CENTER_LOSS(Shape.CENTERS, () -> List.of(dense())),
        FROZEN_BY_DL4J(Shape.ROWS, () -> List.of(new FrozenLayer(dense()), new FrozenLayerWithBackprop(dense()))),
        ;

        private final Shape shape;

        @SuppressWarnings("ImmutableEnumChecker") // a constant
        private final Supplier<List<Layer>> layers;

        Above(Shape shape, Supplier<List<Layer>> layers) {
            this.shape = shape;
            this.layers = layers;
        }
    }

    private enum Shape {
        ROWS,
        CENTERS,
        SEQUENCE,
        STEPS,
        IMAGE,
        VOLUME
    }

    private static Layer lstm() {
        return new LSTM.Builder().nOut(4).build();
    }

    private static Layer dense() {
        return new DenseLayer.Builder().nOut(4).build();
    }

    private static Layer pooling() {
        return new GlobalPoolingLayer();
    }

    private static Layer head(Shape shape) {
        return switch (shape) {
            case STEPS ->
                new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build();
            case CENTERS ->
                new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .gradientCheck(true)
                        .build();
            default ->
                new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build();
        };
    }

    private static MultiLayerNetwork base(Above above, DataType type, IUpdater updater, WorkspaceMode workspaces) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(type)
                .updater(updater)
                .l2(1e-3)
                .weightDecay(1e-3)
                .weightInit(new NormalDistribution(0, 0.5))
                .activation(Activation.TANH)
                .trainingWorkspaceMode(workspaces)
                .inferenceWorkspaceMode(workspaces)
                .list();
        switch (above.shape) {
            case SEQUENCE, STEPS, ROWS, CENTERS ->
                list.layer(new DenseLayer.Builder().name("target").nOut(4).build());
            case IMAGE ->
                list.layer(new ConvolutionLayer.Builder(2, 2)
                        .name("target")
                        .nOut(4)
                        .build());
            case VOLUME ->
                list.layer(new DenseLayer.Builder().name("target").nOut(54).build());
        }
        above.layers.get().forEach(list::layer);
        list.layer(head(above.shape));
        list.setInputType(
                switch (above.shape) {
                    case SEQUENCE, STEPS -> InputType.recurrent(2, STEPS);
                    case IMAGE -> InputType.convolutional(4, 5, 2);
                    case VOLUME, ROWS, CENTERS -> InputType.feedForward(4);
                });
        if (above.shape == Shape.VOLUME) {
            list.inputPreProcessor(
                    1, new org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor(3, 3, 3, 2, true));
        }
        MultiLayerNetwork network = new MultiLayerNetwork(list.build());
        network.init();
        return network;
    }

    private static DataSet data(Above above, DataType type, int examples) {
        Nd4j.getRandom().setSeed(1);
        INDArray x =
                switch (above.shape) {
                    case SEQUENCE, STEPS -> Nd4j.randn(type, examples, 2, STEPS);
                    case IMAGE -> Nd4j.randn(type, examples, 2, 4, 5);
                    case VOLUME, ROWS, CENTERS -> Nd4j.randn(type, examples, 4);
                };
        boolean steps = above.shape == Shape.STEPS;
        INDArray y = steps ? Nd4j.zeros(type, examples, CLASSES, STEPS) : Nd4j.zeros(type, examples, CLASSES);
        for (int i = 0; i < examples; i++) {
            for (int t = 0; t < (steps ? STEPS : 1); t++) {
                y.putScalar(steps ? new int[] {i, (i + t) % CLASSES, t} : new int[] {i, i % CLASSES}, 1);
            }
        }
        return new DataSet(x, y);
    }

    private static LoraNetwork<MultiLayerNetwork> adapted(MultiLayerNetwork base) {
        return Lora.inject(
                base,
                LoraConfig.builder().rank(2).alpha(3).targetModules("target").build());
    }

    static Stream<Arguments> withWorkspaces() {
        return Arrays.stream(Above.values()).flatMap(above -> Stream.of(WorkspaceMode.ENABLED, WorkspaceMode.NONE)
                .map(mode -> Arguments.of(above, mode)));
    }

    @ParameterizedTest
    @MethodSource("withWorkspaces")
    void nothingFrozenMovesAndTheLossFalls(Above above, WorkspaceMode workspaces) {
        MultiLayerNetwork base = base(above, DataType.FLOAT, new Adam(0.02), workspaces);
        DataSet data = data(above, DataType.FLOAT, 9);
        LoraNetwork<MultiLayerNetwork> adapted = adapted(base);
        MultiLayerNetwork network = adapted.network();
        INDArray before = base.params().dup();
        assertEquals(base.output(data.getFeatures()), network.output(data.getFeatures()), "a fresh adapter");
        double first = network.score(data);
        for (int i = 0; i < 15; i++) {
            network.fit(data);
        }

        assertTrue(network.score(data) < first, first + " -> " + network.score(data));
        assertEquals(before, base.params(), "frozen parameters and statistics to the last bit");
        assertEquals(
                adapted.adapters().get("target").loraA().length()
                        + adapted.adapters().get("target").loraB().length(),
                adapted.trainableParameters());
    }

    @ParameterizedTest
    @EnumSource(Above.class)
    void copiesFilesAndMergedNetworksComputeTheSame(Above above, @TempDir Path folder) throws Exception {
        LoraNetwork<MultiLayerNetwork> adapted =
                adapted(base(above, DataType.FLOAT, new Adam(0.02), WorkspaceMode.ENABLED));
        DataSet data = data(above, DataType.FLOAT, 6);
        adapted.network().fit(data);
        INDArray output = adapted.network().output(data.getFeatures());

        assertEquals(output, adapted.network().clone().output(data.getFeatures()), "clone");
        Path model = folder.resolve("model.zip");
        adapted.saveModel(model, true);
        assertEquals(output, Lora.restoreMultiLayerNetwork(model).network().output(data.getFeatures()), "restored");
        MultiLayerNetwork merged = adapted.merge();
        AdaptedLayersTest.assertClose(output, merged.output(data.getFeatures()), 1e-5);
        assertFalse(merged.getLayerWiseConfigurations().toJson().contains("lora4j"));
        Path plain = folder.resolve("merged.zip");
        merged.save(plain.toFile());
        assertEquals(
                merged.output(data.getFeatures()),
                MultiLayerNetwork.load(plain.toFile(), false).output(data.getFeatures()));
    }

    /** Also where DL4J's own gradient is not exact (its attention layers): the adapter learns from the very gradient that W would. */
    @ParameterizedTest
    @EnumSource(
            value = Above.class,
            mode = EnumSource.Mode.EXCLUDE,
            // The base takes these by batch statistics; it has no gradient at all below its own frozen layers.
            names = {"BATCH_NORM_LOG_STD", "BATCH_NORM_LOCKED", "FROZEN_BY_DL4J"})
    void theAdapterSeesTheGradientThatTheBaseComputes(Above above) {
        MultiLayerNetwork base = base(above, DataType.DOUBLE, new NoOp(), WorkspaceMode.ENABLED);
        LoraNetwork<MultiLayerNetwork> adapted = adapted(base);
        DataSet data = data(above, DataType.DOUBLE, 6);
        for (MultiLayerNetwork network : List.of(base, adapted.network())) {
            network.setInput(data.getFeatures());
            network.setLabels(data.getLabels());
            Nd4j.getRandom().setSeed(3);
            network.computeGradientAndScore();
        }

        INDArray ofW = base.gradient().getGradientFor("0_W");
        INDArray matrix = ofW.rank() == 2
                ? ofW
                : ofW.reshape('c', ofW.size(0), ofW.length() / ofW.size(0)).transpose();
        LoraLinearLayer target = adapted.adapters().get("target");
        INDArray expected =
                target.loraA().transpose().mmul(matrix).mul(target.config().scale());
        INDArray actual = adapted.network().gradient().getGradientFor("0_loraB");
        assertTrue(expected.norm2Number().doubleValue() > 0);
        assertEquals(
                base.score() - base.calcRegularizationScore(true),
                adapted.network().score() - adapted.network().calcRegularizationScore(true),
                1e-12);
        AdaptedLayersTest.assertClose(
                expected, actual, 1e-12 * expected.amaxNumber().doubleValue());
    }

    @ParameterizedTest
    @EnumSource(
            value = Above.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"SELF_ATTENTION", "RECURRENT_ATTENTION"})
    @Tag("gradcheck")
    void theGradientComesThrough(Above above) {
        check(above, null);
    }

    @ParameterizedTest
    @EnumSource(
            value = Above.class,
            names = {
                "LSTM_LAST",
                "BIDIRECTIONAL_LAST",
                "BIDIRECTIONAL_POOLED",
                "SIMPLE_RNN",
                "TIME_DISTRIBUTED",
                "RNN_OUTPUT"
            })
    @Tag("gradcheck")
    void theGradientComesThroughUnderAMask(Above above) {
        INDArray mask = Nd4j.ones(DataType.DOUBLE, 3, STEPS);
        mask.putScalar(1, STEPS - 1, 0);
        mask.putScalar(2, STEPS - 1, 0);
        mask.putScalar(2, STEPS - 2, 0);
        check(above, mask);
    }

    private static void check(Above above, INDArray mask) {
        DataType before = Nd4j.dataType();
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
        try {
            LoraNetwork<MultiLayerNetwork> adapted =
                    adapted(base(above, DataType.DOUBLE, new NoOp(), WorkspaceMode.ENABLED));
            Networks.randomize(adapted);
            DataSet data = data(above, DataType.DOUBLE, 3);
            assertTrue(GradientCheckUtil.checkGradients(new GradientCheckUtil.MLNConfig()
                    .net(adapted.network())
                    .epsilon(1e-6)
                    .maxRelError(1e-5)
                    .minAbsoluteError(1e-9)
                    .exitOnFirstError(true)
                    .input(data.getFeatures())
                    .labels(data.getLabels())
                    .inputMask(mask)
                    .labelMask(above.shape == Shape.STEPS ? mask : null)
                    .callEachIter(net -> Nd4j.getRandom().setSeed(12345))));
        } finally {
            Nd4j.setDefaultDataTypes(before, before);
        }
    }
}
