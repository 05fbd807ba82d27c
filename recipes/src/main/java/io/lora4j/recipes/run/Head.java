package io.lora4j.recipes.run;

import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.optim.GroupedOptimizer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The head's parameters at some moment, to be carried from one graph to another.
 *
 * @param parameters by DL4J's name ({@code classifier_W}), copies
 */
record Head(Map<String, INDArray> parameters) {
    /** A copy of a graph's head. */
    static Head of(ComputationGraph graph) {
        Map<String, INDArray> copies = new LinkedHashMap<>();
        for (String layer : EncoderGraph.headLayers(graph.getConfiguration())) {
            graph.getLayer(layer).paramTable().forEach((key, array) -> copies.put(layer + "_" + key, array.dup()));
        }
        return new Head(copies);
    }

    /** Writes this head into a graph. */
    void copyTo(ComputationGraph graph) {
        parameters.forEach((name, array) -> graph.getParam(name).assign(array));
    }

    /** A classifier on pooled features: the head of {@link EncoderGraph#classifier} with the same initial weights, alone, without dropout. */
    static ComputationGraph alone(Workbench bench, long headSeed, GroupedOptimizer optimizer) {
        EncoderConfig config = bench.model().config().withDropout(0, 0, 0);
        ComputationGraphConfiguration configuration =
                EncoderGraph.head(config, bench.recipe().model().pooling(), bench.outputs(), bench.dtype(), headSeed);
        optimizer.applyTo(configuration);
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        return graph;
    }
}
