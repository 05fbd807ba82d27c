package io.lora4j.network;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** A base {@code MultiLayerNetwork}. */
final class MultiLayerForm extends NetworkForm<MultiLayerNetwork> {
    private final MultiLayerConfiguration base;

    MultiLayerForm(MultiLayerConfiguration base, INDArray params) {
        super(params);
        this.base = base.clone();
    }

    @Override
    Map<String, Part> layout(@Nullable MultiLayerNetwork network) {
        MultiLayerConfiguration configuration = network == null ? base : network.getLayerWiseConfigurations();
        Map<String, Part> layout = new LinkedHashMap<>();
        for (NeuralNetConfiguration conf : configuration.getConfs()) {
            Part before = layout.put(
                    conf.getLayer().getLayerName(),
                    new Part(conf.getLayer(), conf.getLayer().initializer().numParams(conf)));
            if (before != null) {
                throw new IllegalArgumentException(
                        "two layers are named " + conf.getLayer().getLayerName());
            }
        }
        return layout;
    }

    @Override
    MultiLayerNetwork build(Map<String, org.deeplearning4j.nn.conf.layers.Layer> replaced, @Nullable INDArray given) {
        MultiLayerConfiguration configuration = base.clone();
        configuration.setIterationCount(0);
        configuration.setEpochCount(0);
        for (NeuralNetConfiguration conf : configuration.getConfs()) {
            org.deeplearning4j.nn.conf.layers.Layer other =
                    replaced.get(conf.getLayer().getLayerName());
            if (other != null) {
                conf.setLayer(other);
            }
            conf.clearVariables();
        }
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init(given, false);
        return network;
    }

    @Override
    Map<String, Layer> layers(MultiLayerNetwork network) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        for (int i = 0; i < network.getnLayers(); i++) {
            layers.put(
                    network.getLayerWiseConfigurations().getConf(i).getLayer().getLayerName(), network.getLayer(i));
        }
        return layers;
    }

    @Override
    void computeGradient(MultiLayerNetwork network, MultiDataSet data) {
        if (data.numFeatureArrays() != 1 || data.numLabelsArrays() != 1) {
            throw new IllegalArgumentException("a MultiLayerNetwork takes one array of features and one of labels, got "
                    + data.numFeatureArrays() + " and " + data.numLabelsArrays());
        }
        network.setInput(data.getFeatures(0));
        network.setLabels(data.getLabels(0));
        network.setLayerMaskArrays(data.getFeaturesMaskArray(0), data.getLabelsMaskArray(0));
        network.computeGradientAndScore();
        network.clearLayerMaskArrays();
    }

    @Override
    String baseJson() {
        return base.toJson();
    }
}
