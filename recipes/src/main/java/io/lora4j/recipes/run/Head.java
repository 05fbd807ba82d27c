package io.lora4j.recipes.run;

import io.lora4j.models.bert.BertGraph;
import io.lora4j.models.bert.SeededNormal;
import io.lora4j.optim.GroupedOptimizer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The classifier's parameters at some moment, to be carried from one graph to another.
 *
 * @param weight [H, labels]
 * @param bias [1, labels]
 */
record Head(INDArray weight, INDArray bias) {
    /** A copy of a graph's classifier. */
    static Head of(ComputationGraph graph) {
        return new Head(
                parameter(graph, DefaultParamInitializer.WEIGHT_KEY).dup(),
                parameter(graph, DefaultParamInitializer.BIAS_KEY).dup());
    }

    /** Writes this classifier into a graph. */
    void copyTo(ComputationGraph graph) {
        parameter(graph, DefaultParamInitializer.WEIGHT_KEY).assign(weight);
        parameter(graph, DefaultParamInitializer.BIAS_KEY).assign(bias);
    }

    private static INDArray parameter(ComputationGraph graph, String key) {
        return graph.getLayer(BertGraph.CLASSIFIER).getParam(key);
    }

    /** A classifier on pooled features: the output layer of {@link BertGraph#classifier} with the same initial weights, alone. */
    static ComputationGraph alone(Workbench bench, long headSeed, GroupedOptimizer optimizer) {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .dataType(Workbench.DTYPE)
                .graphBuilder()
                .addInputs(BertGraph.POOLING)
                .addLayer(
                        BertGraph.CLASSIFIER,
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(bench.model().config().hiddenSize())
                                .nOut(bench.labels())
                                .activation(Activation.SOFTMAX)
                                .weightInit(new SeededNormal(
                                        headSeed, bench.model().config().initializerRange()))
                                .biasInit(0)
                                .build(),
                        BertGraph.POOLING)
                .setOutputs(BertGraph.CLASSIFIER)
                .build();
        optimizer.applyTo(configuration);
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        return graph;
    }
}
