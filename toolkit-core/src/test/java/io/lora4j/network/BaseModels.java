package io.lora4j.network;

import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks trained from scratch on the first half of the classes of {@link SyntheticData}. */
public final class BaseModels {
    private BaseModels() {}

    /** A convolutional network; layers conv1, conv2, dense, head. */
    public static MultiLayerNetwork images() {
        MultiLayerConfiguration conf = builder()
                .list()
                .layer(new ConvolutionLayer.Builder(5, 5).name("conv1").nOut(12).build())
                .layer(new SubsamplingLayer.Builder(PoolingType.MAX)
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .name("pool")
                        .build())
                .layer(new ConvolutionLayer.Builder(3, 3).name("conv2").nOut(24).build())
                .layer(new GlobalPoolingLayer.Builder()
                        .poolingType(PoolingType.AVG)
                        .name("average")
                        .build())
                .layer(new DenseLayer.Builder().name("dense").nOut(32).build())
                .layer(head())
                .setInputType(InputType.convolutional(12, 12, 1))
                .build();
        return trained(conf, SyntheticData.images(false, 600, 1), 12);
    }

    /** A multi-layer perceptron; layers dense1, dense2, head. */
    public static MultiLayerNetwork table() {
        MultiLayerConfiguration conf = builder()
                .list()
                .layer(new DenseLayer.Builder().name("dense1").nOut(64).build())
                .layer(new DenseLayer.Builder().name("dense2").nOut(48).build())
                .layer(new DenseLayer.Builder().name("dense3").nOut(24).build())
                .layer(head())
                .setInputType(InputType.feedForward(10))
                .build();
        return trained(conf, SyntheticData.table(false, 1500, 1), 12);
    }

    private static NeuralNetConfiguration.Builder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(3e-3))
                .activation(Activation.RELU);
    }

    private static OutputLayer head() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .name("head")
                .nOut(SyntheticData.CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static MultiLayerNetwork trained(MultiLayerConfiguration conf, DataSet data, int epochs) {
        MultiLayerNetwork network = new MultiLayerNetwork(conf);
        network.init();
        network.fit(batches(data), epochs);
        return network;
    }

    /** Minibatches of 32 in a fixed order. */
    public static DataSetIterator batches(DataSet data) {
        Iterable<DataSet> batches = data.batchBy(32);
        return new ExistingDataSetIterator(batches);
    }
}
