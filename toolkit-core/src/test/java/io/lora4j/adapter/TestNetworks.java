package io.lora4j.adapter;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Small graphs with frozen linear layers, and data for them. */
public final class TestNetworks {
    public static final int IN = 5;
    public static final int HIDDEN = 6;
    public static final int LABELS = 3;

    private TestNetworks() {}

    /** input -> stem (trainable) -> encoder.first (frozen, tanh) -> encoder.second (frozen) -> classifier (trainable). */
    public static ComputationGraphConfiguration configuration(
            DataType dataType, IUpdater updater, WorkspaceMode workspaces, boolean bias) {
        return new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(dataType)
                .updater(updater)
                .weightInit(new NormalDistribution(0, 0.5))
                .trainingWorkspaceMode(workspaces)
                .inferenceWorkspaceMode(workspaces)
                .graphBuilder()
                .addInputs("input")
                .addLayer(
                        "stem",
                        new DenseLayer.Builder()
                                .nIn(IN)
                                .nOut(HIDDEN)
                                .activation(Activation.TANH)
                                .build(),
                        "input")
                .addLayer(
                        "encoder.first",
                        FrozenLinear.builder()
                                .hasBias(bias)
                                .nIn(HIDDEN)
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build(),
                        "stem")
                .addLayer(
                        "encoder.second",
                        FrozenLinear.builder()
                                .hasBias(bias)
                                .nIn(4)
                                .nOut(HIDDEN)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "encoder.first")
                .addLayer(
                        "classifier",
                        new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                                .nIn(HIDDEN)
                                .nOut(LABELS)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "encoder.second")
                .setOutputs("classifier")
                .build();
    }

    public static ComputationGraphConfiguration configuration(DataType dataType) {
        return configuration(dataType, new NoOp(), WorkspaceMode.ENABLED, true);
    }

    public static FrozenWeights weights(DataType dataType) {
        Map<String, INDArray> arrays = new HashMap<>();
        org.nd4j.linalg.api.rng.Random random = Nd4j.getRandom();
        random.setSeed(11);
        arrays.put("encoder.first.weight", Nd4j.randn(dataType, HIDDEN, 4).muli(0.4));
        arrays.put("encoder.first.bias", Nd4j.randn(dataType, 4).muli(0.1));
        arrays.put(
                "encoder.second.weight",
                Nd4j.randn(dataType, 4, HIDDEN).muli(0.4).dup('f'));
        arrays.put("encoder.second.bias", Nd4j.randn(dataType, HIDDEN).muli(0.1));
        return new FrozenWeights(arrays);
    }

    public static LoraConfig lora(double dropout) {
        return new LoraConfig(2, 6, Scaling.RSLORA, dropout, java.util.List.of("first", "encoder.second"));
    }

    public static AdaptedModel adapted(DataType dataType, IUpdater updater, WorkspaceMode workspaces, double dropout) {
        ComputationGraphConfiguration base = configuration(dataType, updater, workspaces, true);
        AdaptedModel model = AdaptedModel.of(AdapterInjector.inject(base, lora(dropout)), weights(dataType));
        randomizeB(model);
        return model;
    }

    /** B away from zero, so that A has a gradient. */
    public static void randomizeB(AdaptedModel model) {
        Nd4j.getRandom().setSeed(13);
        model.adapters().values().forEach(layer -> layer.loraB()
                .assign(Nd4j.randn(layer.loraB().dataType(), layer.loraB().shape())
                        .muli(0.3)));
    }

    public static MultiDataSet data(DataType dataType, int examples, long seed) {
        Nd4j.getRandom().setSeed(seed);
        INDArray x = Nd4j.randn(dataType, examples, IN);
        INDArray y = Nd4j.zeros(dataType, examples, LABELS);
        for (int i = 0; i < examples; i++) {
            y.putScalar(i, i % LABELS, 1.0);
        }
        return new MultiDataSet(x, y);
    }

    /** Mean cross-entropy of the graph's softmax output. */
    public static double loss(AdaptedModel model, MultiDataSet data) {
        INDArray p = model.graph().outputSingle(data.getFeatures(0));
        return -Transforms.log(p).mul(data.getLabels(0)).sumNumber().doubleValue() / p.size(0);
    }
}
