package org.example;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.init.LoraOneInit;
import io.lora4j.network.Lora;
import io.lora4j.network.LoraNetwork;
import io.lora4j.network.Minibatches;
import io.lora4j.train.RandomStreams;
import java.util.Random;
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

/** A perceptron adapted to two tasks by two adapters over one base: LoRA-One start, fit. */
public final class Consumer {
    /** What is asked of two features. */
    public enum Task {
        /** Is their sum positive? */
        SUM,
        /** Is their product positive? */
        PRODUCT,
        /** Is their difference positive? */
        DIFFERENCE;

        double value(double a, double b) {
            return switch (this) {
                case SUM -> a + b;
                case PRODUCT -> a * b;
                case DIFFERENCE -> a - b;
            };
        }
    }

    private final MultiLayerNetwork base;

    /** Trains a small network on the sum. */
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
        base.fit(batches(Task.SUM, 1), 20);
    }

    /** Rows of six features, of which two count. */
    public static DataSetIterator batches(Task task, long seed) {
        Random random = new Random(seed);
        INDArray x = Nd4j.zeros(512, 6);
        INDArray labels = Nd4j.zeros(512, 2);
        for (int i = 0; i < 512; i++) {
            for (int f = 0; f < 6; f++) {
                x.putScalar(i, f, random.nextGaussian());
            }
            labels.putScalar(i, task.value(x.getDouble(i, 0), x.getDouble(i, 1)) > 0 ? 1 : 0, 1);
        }
        return new ListDataSetIterator<>(new DataSet(x, labels).asList(), 32);
    }

    /** The base with a fresh adapter that does nothing yet. */
    public LoraNetwork<MultiLayerNetwork> fresh() {
        return Lora.inject(base, config());
    }

    /** One adapter for the product, started by LoRA-One on the user's rows, and one for the difference. */
    public LoraNetwork<MultiLayerNetwork> adapt() {
        LoraNetwork<MultiLayerNetwork> adapted = fresh();
        adapted.initialize(new LoraOneInit(), Minibatches.first(batches(Task.PRODUCT, 2), 128), new RandomStreams(1));
        adapted.network().fit(batches(Task.PRODUCT, 2), 40);
        adapted.add("difference", config()).network().fit(batches(Task.DIFFERENCE, 2), 20);
        return adapted;
    }

    private static LoraConfig config() {
        return LoraConfig.builder()
                .rank(4)
                .targetKinds(LayerKind.DENSE)
                .modulesToSave("head")
                .build();
    }
}
