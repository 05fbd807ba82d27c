package io.lora4j.network;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** A base {@code ComputationGraph}. */
final class GraphForm extends NetworkForm<ComputationGraph> {
    private final ComputationGraphConfiguration base;
    private final int[] order;
    private final Map<Integer, String> names;

    /**
     * @param graph an initialised graph; its order of vertices is taken over
     * @param base the configuration
     * @param params the parameters
     */
    GraphForm(ComputationGraph graph, ComputationGraphConfiguration base, INDArray params) {
        super(params);
        this.base = base.clone();
        this.order = graph.topologicalSortOrder().clone();
        this.names = new HashMap<>();
        for (org.deeplearning4j.nn.graph.vertex.GraphVertex vertex : graph.getVertices()) {
            names.put(vertex.getVertexIndex(), vertex.getVertexName());
        }
    }

    @Override
    Map<String, Part> layout(@Nullable ComputationGraph network) {
        ComputationGraphConfiguration configuration = network == null ? base : network.getConfiguration();
        Map<String, Part> layout = new LinkedHashMap<>();
        for (int index : order) {
            String name = names.get(index);
            GraphVertex vertex =
                    name == null ? null : configuration.getVertices().get(name);
            if (name != null && vertex != null) {
                layout.put(
                        name,
                        new Part(
                                vertex instanceof LayerVertex holder
                                        ? holder.getLayerConf().getLayer()
                                        : null,
                                vertex.numParams(true)));
            }
        }
        return layout;
    }

    @Override
    ComputationGraph build(Map<String, org.deeplearning4j.nn.conf.layers.Layer> replaced, @Nullable INDArray given) {
        ComputationGraphConfiguration configuration = base.clone();
        configuration.setIterationCount(0);
        configuration.setEpochCount(0);
        configuration.getVertices().forEach((name, vertex) -> {
            if (vertex instanceof LayerVertex holder) {
                NeuralNetConfiguration conf = holder.getLayerConf();
                org.deeplearning4j.nn.conf.layers.Layer other = replaced.get(name);
                if (other != null) {
                    conf.setLayer(other);
                }
                conf.clearVariables();
            }
        });
        ComputationGraph network = new ComputationGraph(configuration);
        // DL4J sets the vertices' parameters as views of a row.
        network.init(given == null ? null : given.reshape(1, given.length()), false);
        return network;
    }

    @Override
    Map<String, Layer> layers(ComputationGraph network) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        for (int index : order) {
            org.deeplearning4j.nn.graph.vertex.GraphVertex vertex = network.getVertices()[index];
            if (vertex.hasLayer()) {
                layers.put(vertex.getVertexName(), vertex.getLayer());
            }
        }
        return layers;
    }

    @Override
    void computeGradient(ComputationGraph network, MultiDataSet data) {
        network.setInputs(data.getFeatures());
        network.setLabels(data.getLabels());
        network.setLayerMaskArrays(data.getFeaturesMaskArrays(), data.getLabelsMaskArrays());
        network.computeGradientAndScore();
        network.clearLayerMaskArrays();
    }

    @Override
    String baseJson() {
        return base.toJson();
    }
}
