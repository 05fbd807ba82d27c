package io.lora4j.models.encoder;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The parameters of one vertex of one network: views of the network's flat parameter and gradient vectors, and what DL4J's updater asks
 * about them. Owned by the vertex.
 */
final class VertexParameters implements TrainingConfig {
    private final String vertex;
    private final TrainableVertexConfig config;
    private final INDArray flat;
    private final Map<String, INDArray> table;
    private @Nullable INDArray flatGradient;
    private Map<String, INDArray> gradients = Map.of();

    /**
     * @param vertex the vertex's name
     * @param config what the parameters are and which updaters they have
     * @param flat the vertex's part of the network's parameters; a view
     * @param initialize true fills it with NaN, so that a network that was given no weights cannot pass for one that was
     */
    VertexParameters(String vertex, TrainableVertexConfig config, INDArray flat, boolean initialize) {
        this.vertex = vertex;
        this.config = config;
        this.flat = flat;
        this.table = views(flat);
        if (initialize) {
            flat.assign(Double.NaN);
        }
    }

    private Map<String, INDArray> views(INDArray vector) {
        if (vector.length() != config.numParams(true)) {
            throw new IllegalArgumentException("vertex " + vertex + " has " + config.numParams(true)
                    + " parameters, the given vector has " + vector.length());
        }
        Map<String, INDArray> views = new LinkedHashMap<>();
        INDArray all = vector.reshape(vector.length());
        long next = 0;
        for (VertexParameter parameter : config.parameters()) {
            INDArray part = all.get(NDArrayIndex.interval(next, next + parameter.length()));
            views.put(parameter.key(), part.reshape('c', parameter.shape()));
            next += parameter.length();
        }
        return Collections.unmodifiableMap(views);
    }

    /** All parameters as one vector, a view. */
    INDArray flat() {
        return flat;
    }

    /** Key to parameter in the order of the vector, views. */
    Map<String, INDArray> table() {
        return table;
    }

    /** The parameter of a key, a view. */
    INDArray get(String key) {
        return Objects.requireNonNull(table.get(key), key);
    }

    /** Checkpoint name to parameter, views. */
    Map<String, INDArray> byTensorName() {
        Map<String, INDArray> named = new LinkedHashMap<>();
        config.parameters().forEach(p -> named.put(vertex + "." + p.tensor(), get(p.key())));
        return named;
    }

    /** Takes the vertex's part of the network's gradient. */
    void setFlatGradient(INDArray view) {
        gradients = views(view);
        flatGradient = view;
    }

    /** All gradients as one vector, a view; null before the network's first backward pass. */
    @Nullable
    INDArray flatGradient() {
        return flatGradient;
    }

    /** Where the gradient of a key goes, a view. */
    INDArray gradientOf(String key) {
        INDArray view = gradients.get(key);
        if (view == null) {
            throw new IllegalStateException("vertex " + vertex + " has no gradient vector for " + key);
        }
        return view;
    }

    /** All gradients, in the order of the vector. */
    Gradient gradient() {
        Gradient all = new DefaultGradient();
        gradients.forEach(all::setGradientFor);
        return all;
    }

    @Override
    public String getLayerName() {
        return vertex;
    }

    @Override
    public List<Regularization> getRegularizationByParam(String paramName) {
        return config.regularizationOf(paramName);
    }

    @Override
    public IUpdater getUpdaterByParam(String paramName) {
        return config.updaterOf(paramName);
    }

    @Override
    public boolean isPretrainParam(String paramName) {
        return false;
    }

    /** None: clipping is the trainer's. */
    @Override
    public GradientNormalization getGradientNormalization() {
        return GradientNormalization.None;
    }

    @Override
    public double getGradientNormalizationThreshold() {
        return 1;
    }

    /** The views' type cannot change. */
    @Override
    public void setDataType(DataType dataType) {}
}
