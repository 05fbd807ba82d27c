package org.example;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.init.LoraOneInit;
import io.lora4j.network.Lora;
import io.lora4j.network.LoraNetwork;
import io.lora4j.network.Minibatches;
import io.lora4j.train.RandomStreams;
import java.nio.file.Path;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What somebody else's project does with LoRA4J: adapt a trained network, merge it, save the adapter, load it again. */
public final class Consumer {
    private final MultiLayerNetwork base;

    /** Trains a small network from scratch: does the sum of two features exceed 0? */
    public Consumer() {
        base = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .activation(Activation.TANH)
                .list(
                        new DenseLayer.Builder().name("first").nOut(32).build(),
                        new DenseLayer.Builder().name("second").nOut(16).build(),
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .name("head")
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build())
                .setInputType(InputType.feedForward(6))
                .build());
        base.init();
        base.fit(batches(false, 1), 20);
    }

    /** Rows of six features; the new task is the sign of a product instead of a sum. */
    public static DataSetIterator batches(boolean newTask, long seed) {
        Nd4j.getRandom().setSeed(seed);
        INDArray x = Nd4j.randn(512, 6);
        INDArray labels = Nd4j.zeros(512, 2);
        for (int i = 0; i < 512; i++) {
            double a = x.getDouble(i, 0);
            double b = x.getDouble(i, 1);
            labels.putScalar(i, (newTask ? a * b : a + b) > 0 ? 1 : 0, 1);
        }
        return new ListDataSetIterator<>(new DataSet(x, labels).asList(), 32);
    }

    /** Adapts the network, leaving the adapter and a plain merged network in a folder. */
    public LoraNetwork<MultiLayerNetwork> adapt(Path folder) throws java.io.IOException {
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base, config());
        adapted.initialize(new LoraOneInit(), Minibatches.first(batches(true, 2), 128), new RandomStreams(1));
        adapted.network().fit(batches(true, 2), 40);
        adapted.save(folder.resolve("adapter.zip"));
        adapted.merge().save(folder.resolve("merged.zip").toFile());
        return adapted;
    }

    /** The adapter of a file over the same base. */
    public MultiLayerNetwork load(Path adapter) {
        return Lora.inject(base, config()).load("loaded", adapter);
    }

    private static LoraConfig config() {
        return LoraConfig.builder()
                .rank(4)
                .targetKinds(LayerKind.DENSE)
                .modulesToSave("head")
                .build();
    }
}
