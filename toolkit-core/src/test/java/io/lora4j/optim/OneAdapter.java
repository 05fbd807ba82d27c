package io.lora4j.optim;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraLinearLayer;
import io.lora4j.adapter.Scaling;
import io.lora4j.train.UpdateRule;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** A graph of one adapted layer and a classifier of two outputs; a test sets its gradients and runs a rule on it. */
final class OneAdapter {
    private final ComputationGraph graph;
    private final LoraLinearLayer layer;

    private OneAdapter(AdaptedModel model) {
        this.graph = model.graph();
        this.layer = java.util.Objects.requireNonNull(model.adapters().get("adapted"));
        DataType type = graph.params().dataType();
        // One backward pass, so that the graph has gradient arrays.
        graph.setInputs(Nd4j.ones(type, 1, layer.weight().size(0)));
        graph.setLabels(Nd4j.ones(type, 1, 2));
        graph.computeGradientAndScore();
        graph.gradient().gradient().assign(0);
    }

    static OneAdapter of(DataType type, int in, int out, int rank, double scale, GroupedOptimizer optimizer) {
        return build(type, in, out, rank, scale, new NoOp(), optimizer);
    }

    static OneAdapter of(DataType type, int in, int out, int rank, double scale, IUpdater updater) {
        return build(type, in, out, rank, scale, updater, null);
    }

    private static OneAdapter build(
            DataType type,
            int in,
            int out,
            int rank,
            double scale,
            IUpdater updater,
            @Nullable GroupedOptimizer optimizer) {
        ComputationGraphConfiguration base = new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(type)
                .updater(updater)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "adapted",
                        FrozenLinear.builder()
                                .hasBias(false)
                                .nIn(in)
                                .nOut(out)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "in")
                .addLayer(
                        "classifier",
                        new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                                .nIn(out)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "adapted")
                .setOutputs("classifier")
                .build();
        LoraConfig lora = new LoraConfig(rank, scale * rank, Scaling.STANDARD, 0, List.of("adapted"));
        ComputationGraphConfiguration adapted = AdapterInjector.inject(base, lora);
        if (optimizer != null) {
            optimizer.applyTo(adapted);
        }
        return new OneAdapter(
                AdaptedModel.of(adapted, new FrozenWeights(Map.of("adapted.weight", Nd4j.zeros(type, in, out)))));
    }

    INDArray a() {
        return layer.loraA();
    }

    INDArray b() {
        return layer.loraB();
    }

    INDArray classifierWeight() {
        return graph.getLayer("classifier").getParam("W");
    }

    INDArray gradient(String param) {
        return graph.gradient().getGradientFor("adapted_" + param);
    }

    ComputationGraph graph() {
        return graph;
    }

    void setFactors(INDArray a, INDArray b) {
        FactorPair.write(a(), a);
        FactorPair.write(b(), b);
    }

    /** One step on given gradients; the classifier's gradient is {@code ofClassifier} everywhere. */
    void step(UpdateRule rule, INDArray gradA, INDArray gradB, double ofClassifier, int step) {
        graph.gradient().gradient().assign(ofClassifier);
        FactorPair.write(gradient(ParameterGroups.LORA_A), gradA);
        FactorPair.write(gradient(ParameterGroups.LORA_B), gradB);
        rule.apply(graph, step, 0);
    }
}
