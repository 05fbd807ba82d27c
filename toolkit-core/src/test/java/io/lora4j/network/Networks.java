package io.lora4j.network;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.WeightForm;
import java.util.Random;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small base networks of every kind, data for them, and an adapter away from zero. */
final class Networks {
    static final int CLASSES = 3;

    /** A base network and what its adapter targets. */
    enum Kind {
        MLP(LayerKind.DENSE, LayerKind.OUTPUT),
        EMBEDDING(LayerKind.EMBEDDING),
        EMBEDDING_SEQUENCE(LayerKind.EMBEDDING_SEQUENCE),
        EMBEDDING_SEQUENCE_NWC(LayerKind.EMBEDDING_SEQUENCE, LayerKind.CONVOLUTION_1D),
        CONV_TRUNCATE(LayerKind.CONVOLUTION_2D),
        CONV_SAME_DILATED(LayerKind.CONVOLUTION_2D),
        CONV_NHWC(LayerKind.CONVOLUTION_2D),
        CONV_1D_SAME(LayerKind.CONVOLUTION_1D),
        CONV_1D_CAUSAL(LayerKind.CONVOLUTION_1D),
        LSTM(LayerKind.DENSE),
        RNN_OUTPUT(LayerKind.DENSE, LayerKind.RNN_OUTPUT),
        RNN_OUTPUT_NWC(LayerKind.RNN_OUTPUT),
        BATCH_NORM_DENSE(LayerKind.DENSE),
        BATCH_NORM_CONV(LayerKind.CONVOLUTION_2D);

        @SuppressWarnings("ImmutableEnumChecker") // nobody writes it
        private final LayerKind[] targets;

        Kind(LayerKind... targets) {
            this.targets = targets;
        }

        /** Whether every time step has a label. */
        boolean labelsSteps() {
            return this == LSTM || this == RNN_OUTPUT || this == RNN_OUTPUT_NWC;
        }
    }

    private Networks() {}

    private static NeuralNetConfiguration.Builder builder(DataType type, IUpdater updater, WorkspaceMode workspaces) {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(type)
                .updater(updater)
                .weightInit(new NormalDistribution(0, 0.5))
                .activation(Activation.TANH)
                .trainingWorkspaceMode(workspaces)
                .inferenceWorkspaceMode(workspaces);
    }

    static MultiLayerNetwork base(Kind kind, DataType type, IUpdater updater, WorkspaceMode workspaces, double decay) {
        NeuralNetConfiguration.Builder builder = builder(type, updater, workspaces);
        if (decay > 0) {
            builder.l2(decay).weightDecay(decay);
        }
        MultiLayerConfiguration conf =
                switch (kind) {
                    case MLP -> feedForward(builder, dense(5));
                    case EMBEDDING ->
                        builder.list(
                                        new EmbeddingLayer.Builder()
                                                .nIn(7)
                                                .nOut(5)
                                                .hasBias(true)
                                                .build(),
                                        new DenseLayer.Builder().nIn(5).nOut(4).build(),
                                        output(4))
                                .build();
                    case EMBEDDING_SEQUENCE ->
                        builder.list(embedding(RNNFormat.NCW), pooling(), output(5))
                                .build();
                    case EMBEDDING_SEQUENCE_NWC ->
                        builder.list(
                                        embedding(RNNFormat.NWC),
                                        convolution1d(ConvolutionMode.Truncate, RNNFormat.NWC, 5),
                                        new GlobalPoolingLayer.Builder()
                                                .poolingType(PoolingType.AVG)
                                                .poolingDimensions(1)
                                                .build(),
                                        output(4))
                                .build();
                    case CONV_TRUNCATE ->
                        image(builder, convolution(ConvolutionMode.Truncate, 1, CNN2DFormat.NCHW), false);
                    case CONV_SAME_DILATED ->
                        image(builder, convolution(ConvolutionMode.Same, 2, CNN2DFormat.NCHW), false);
                    case CONV_NHWC -> image(builder, convolution(ConvolutionMode.Truncate, 1, CNN2DFormat.NHWC), false);
                    case CONV_1D_SAME ->
                        sequence(
                                builder,
                                convolution1d(ConvolutionMode.Same, RNNFormat.NCW, 2),
                                pooling(),
                                InputType.recurrent(2, 6));
                    case CONV_1D_CAUSAL ->
                        sequence(
                                builder,
                                convolution1d(ConvolutionMode.Causal, RNNFormat.NCW, 2),
                                pooling(),
                                InputType.recurrent(2, 6));
                    case LSTM ->
                        builder.list(
                                        new DenseLayer.Builder().nOut(4).build(),
                                        new LSTM.Builder().nOut(4).build(),
                                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                                .nOut(CLASSES)
                                                .activation(Activation.SOFTMAX)
                                                .build())
                                .setInputType(InputType.recurrent(2, 6))
                                .build();
                    case RNN_OUTPUT ->
                        builder.list(
                                        new DenseLayer.Builder().nOut(4).build(),
                                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                                .nOut(CLASSES)
                                                .activation(Activation.SOFTMAX)
                                                .build())
                                .setInputType(InputType.recurrent(2, 6))
                                .build();
                    case RNN_OUTPUT_NWC ->
                        builder.list(
                                        new LSTM.Builder()
                                                .nOut(4)
                                                .dataFormat(RNNFormat.NWC)
                                                .build(),
                                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                                .nOut(CLASSES)
                                                .dataFormat(RNNFormat.NWC)
                                                .activation(Activation.SOFTMAX)
                                                .build())
                                .setInputType(InputType.recurrent(2, 6, RNNFormat.NWC))
                                .build();
                    case BATCH_NORM_DENSE ->
                        feedForward(
                                builder,
                                new BatchNormalization.Builder().nOut(5).build());
                    case BATCH_NORM_CONV ->
                        image(builder, convolution(ConvolutionMode.Truncate, 1, CNN2DFormat.NCHW), true);
                };
        MultiLayerNetwork network = new MultiLayerNetwork(conf);
        network.init();
        moveStatistics(network);
        return network;
    }

    static MultiLayerNetwork base(Kind kind, DataType type) {
        return base(kind, type, new NoOp(), WorkspaceMode.ENABLED, 0);
    }

    /** Running statistics away from 0 and 1, biases away from 0. */
    private static void moveStatistics(MultiLayerNetwork network) {
        Random random = new Random(3);
        network.paramTable().forEach((key, array) -> {
            if (key.endsWith("_mean") || key.endsWith("_b") || key.endsWith("_beta")) {
                fill(array, random, -0.3, 0.3);
            } else if (key.endsWith("_var") || key.endsWith("_log10stdev") || key.endsWith("_gamma")) {
                fill(array, random, 0.2, 0.7);
            }
        });
    }

    private static void fill(INDArray array, Random random, double from, double to) {
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, from + (to - from) * random.nextDouble());
        }
    }

    private static MultiLayerConfiguration feedForward(NeuralNetConfiguration.Builder builder, Layer second) {
        return builder.list(dense(5), second, dense(4), output())
                .setInputType(InputType.feedForward(4))
                .build();
    }

    private static MultiLayerConfiguration sequence(
            NeuralNetConfiguration.Builder builder, Layer first, Layer second, InputType input) {
        return builder.list(first, second, output()).setInputType(input).build();
    }

    private static MultiLayerConfiguration image(
            NeuralNetConfiguration.Builder builder, ConvolutionLayer first, boolean norm) {
        NeuralNetConfiguration.ListBuilder list = builder.list().layer(first);
        if (norm) {
            list.layer(new BatchNormalization());
        }
        CNN2DFormat format = first.getCnn2dDataFormat();
        return list.layer(convolution(ConvolutionMode.Same, 1, format))
                .layer(output())
                .setInputType(InputType.convolutional(5, 6, 2, format))
                .build();
    }

    private static DenseLayer dense(int out) {
        return new DenseLayer.Builder().nOut(out).build();
    }

    private static OutputLayer output() {
        return output(0);
    }

    private static OutputLayer output(int in) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(in)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static GlobalPoolingLayer pooling() {
        return new GlobalPoolingLayer.Builder().poolingType(PoolingType.AVG).build();
    }

    private static EmbeddingSequenceLayer embedding(RNNFormat format) {
        return new EmbeddingSequenceLayer.Builder()
                .nIn(7)
                .nOut(5)
                .outputDataFormat(format)
                .build();
    }

    private static ConvolutionLayer convolution(ConvolutionMode mode, int dilation, CNN2DFormat format) {
        return new ConvolutionLayer.Builder(3, 2)
                .nOut(4)
                .stride(2, 1)
                .dilation(dilation, dilation)
                .convolutionMode(mode)
                .dataFormat(format)
                .build();
    }

    private static Convolution1DLayer convolution1d(ConvolutionMode mode, RNNFormat format, int channels) {
        return new Convolution1DLayer.Builder(3)
                .nIn(channels)
                .nOut(4)
                .convolutionMode(mode)
                .rnnDataFormat(format)
                .build();
    }

    static DataSet data(Kind kind, DataType type, int examples, long seed) {
        Nd4j.getRandom().setSeed(seed);
        Random random = new Random(seed);
        INDArray x =
                switch (kind) {
                    case MLP, BATCH_NORM_DENSE -> Nd4j.randn(type, examples, 4);
                    case EMBEDDING -> indices(type, random, examples, 1);
                    case EMBEDDING_SEQUENCE -> indices(type, random, examples, 4);
                    case EMBEDDING_SEQUENCE_NWC -> indices(type, random, examples, 6);
                    case CONV_NHWC -> Nd4j.randn(type, examples, 5, 6, 2);
                    case CONV_TRUNCATE, CONV_SAME_DILATED, BATCH_NORM_CONV -> Nd4j.randn(type, examples, 2, 5, 6);
                    case CONV_1D_SAME, CONV_1D_CAUSAL, LSTM, RNN_OUTPUT -> Nd4j.randn(type, examples, 2, 6);
                    case RNN_OUTPUT_NWC -> Nd4j.randn(type, examples, 6, 2);
                };
        if (kind.labelsSteps()) {
            INDArray steps = Nd4j.zeros(type, examples, CLASSES, 6);
            for (int i = 0; i < 6 * examples; i++) {
                steps.putScalar(new int[] {i / 6, (i / 6 + i % 6) % CLASSES, i % 6}, 1);
            }
            return new DataSet(
                    x, kind == Kind.RNN_OUTPUT_NWC ? steps.permute(0, 2, 1).dup('c') : steps);
        }
        INDArray y = Nd4j.zeros(type, examples, CLASSES);
        for (int i = 0; i < examples; i++) {
            y.putScalar(i, i % CLASSES, 1);
        }
        return new DataSet(x, y);
    }

    private static INDArray indices(DataType type, Random random, int rows, int columns) {
        INDArray x = Nd4j.zeros(type, rows, columns);
        for (long i = 0; i < x.length(); i++) {
            x.putScalar(i, random.nextInt(7));
        }
        return x;
    }

    static LoraConfig config(Kind kind, double dropout) {
        return LoraConfig.builder()
                .rank(2)
                .alpha(3)
                .dropout(dropout)
                .targetKinds(kind.targets)
                .build();
    }

    static LoraConfig withForm(LoraConfig config, WeightForm form) {
        return new LoraConfig(
                config.rank(),
                config.alpha(),
                config.scaling(),
                config.dropout(),
                config.targetModules(),
                config.targetPattern(),
                config.targetKinds(),
                config.rankPattern(),
                config.alphaPattern(),
                config.modulesToSave(),
                form);
    }

    static LoraNetwork<MultiLayerNetwork> adapted(Kind kind, DataType type) {
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base(kind, type), config(kind, 0));
        randomize(adapted);
        return adapted;
    }

    /** Both factors away from zero. */
    static void randomize(LoraNetwork<?> network) {
        Nd4j.getRandom().setSeed(17);
        network.adapters().values().forEach(layer -> {
            layer.loraA()
                    .assign(Nd4j.randn(layer.loraA().dataType(), layer.loraA().shape())
                            .muli(0.4));
            layer.loraB()
                    .assign(Nd4j.randn(layer.loraB().dataType(), layer.loraB().shape())
                            .muli(0.4));
        });
    }

    /** Two inputs, dense and convolutional branches that meet, and a head. */
    static ComputationGraph graph(DataType type, WorkspaceMode workspaces) {
        ComputationGraphConfiguration conf = builder(type, new Adam(0.01), workspaces)
                .graphBuilder()
                .addInputs("image", "table")
                .addLayer("eye.conv", convolution(ConvolutionMode.Same, 1, CNN2DFormat.NCHW), "image")
                .addLayer("eye.norm", new BatchNormalization(), "eye.conv")
                .addLayer("eye.dense", dense(4), "eye.norm")
                .addLayer("table.dense", dense(4), "table")
                .addVertex("both", new MergeVertex(), "eye.dense", "table.dense")
                .addLayer("head", output(), "both")
                .setOutputs("head")
                .setInputTypes(InputType.convolutional(5, 6, 2), InputType.feedForward(3))
                .build();
        ComputationGraph graph = new ComputationGraph(conf);
        graph.init();
        return graph;
    }

    static org.nd4j.linalg.dataset.MultiDataSet graphData(DataType type, int examples, long seed) {
        Nd4j.getRandom().setSeed(seed);
        INDArray labels = Nd4j.zeros(type, examples, CLASSES);
        for (int i = 0; i < examples; i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        return new org.nd4j.linalg.dataset.MultiDataSet(
                new INDArray[] {Nd4j.randn(type, examples, 2, 5, 6), Nd4j.randn(type, examples, 3)},
                new INDArray[] {labels});
    }
}
