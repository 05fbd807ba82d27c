package org.example;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.init.LoraGaInit;
import io.lora4j.network.Lora;
import io.lora4j.network.LoraNetwork;
import io.lora4j.network.Minibatches;
import io.lora4j.train.RandomStreams;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingGraphTrainer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A graph with convolutions and batch normalisation learns other stripes: LoRA-GA start, early stopping. */
public final class GraphConsumer {
    private static final int SIZE = 8;

    private final ComputationGraph base;

    /** Trains a graph to tell horizontal from vertical stripes. */
    public GraphConsumer() {
        base = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("image")
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(8).build(), "image")
                .addLayer("norm", new BatchNormalization(), "conv")
                .addLayer(
                        "pool",
                        new GlobalPoolingLayer.Builder().poolingType(PoolingType.MAX).build(),
                        "norm")
                .addLayer("dense", new DenseLayer.Builder().nOut(16).build(), "pool")
                .addLayer(
                        "head",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "dense")
                .setOutputs("head")
                .setInputTypes(InputType.convolutional(SIZE, SIZE, 1))
                .build());
        base.init();
        base.fit(batches(false, 1), 10);
    }

    /** Noisy stripes along the axes, or along the two diagonals for the new task. */
    public static DataSetIterator batches(boolean diagonal, long seed) {
        Random random = new Random(seed);
        int examples = 256;
        INDArray images = Nd4j.zeros(examples, 1, SIZE, SIZE);
        INDArray labels = Nd4j.zeros(examples, 2);
        for (int i = 0; i < examples; i++) {
            int label = i % 2;
            double angle = Math.PI * (0.5 * label + (diagonal ? 0.25 : 0));
            double phase = 2 * Math.PI * random.nextDouble();
            for (int y = 0; y < SIZE; y++) {
                for (int x = 0; x < SIZE; x++) {
                    double wave = Math.sin(2 * (x * Math.cos(angle) + y * Math.sin(angle)) + phase);
                    images.putScalar(new int[] {i, 0, y, x}, wave + 0.7 * random.nextGaussian());
                }
            }
            labels.putScalar(i, label, 1);
        }
        return new ListDataSetIterator<>(new DataSet(images, labels).asList(), 32);
    }

    /** The base's accuracy on a task. */
    public double accuracy(boolean diagonal) {
        return base.evaluate(batches(diagonal, 3)).accuracy();
    }

    /** Adapts convolution and dense layer, batch normalisation frozen, the head trained; keeps the best epoch's factors. */
    public LoraNetwork<ComputationGraph> adapt() {
        LoraNetwork<ComputationGraph> adapted = Lora.inject(
                base,
                LoraConfig.builder()
                        .rank(4)
                        .alpha(8)
                        .targetKinds(LayerKind.CONVOLUTION_2D, LayerKind.DENSE)
                        .modulesToSave("head")
                        .build());
        adapted.initialize(new LoraGaInit(), Minibatches.first(batches(true, 2), 64), new RandomStreams(1));
        EarlyStoppingConfiguration<ComputationGraph> stopping = new EarlyStoppingConfiguration.Builder<
                        ComputationGraph>()
                .epochTerminationConditions(new MaxEpochsTerminationCondition(20))
                .scoreCalculator(new DataSetLossCalculator(batches(true, 4), true))
                .modelSaver(new InMemoryModelSaver<>())
                .build();
        ComputationGraph best = new EarlyStoppingGraphTrainer(stopping, adapted.network(), batches(true, 2))
                .fit()
                .getBestModel();
        adapted.network().setParams(best.params());
        return adapted;
    }
}
