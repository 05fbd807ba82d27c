package io.lora4j.network;

import io.lora4j.adapter.FrozenStore;
import io.lora4j.adapter.FrozenWeights;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.params.EmptyParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Configuration of any DL4J layer with parameters that are not trained: they live outside the network's parameter table, under the name
 * {@code LAYERNAME.params}, in DL4J's own flat layout.
 *
 * <p>The layer computes as ever and passes its input's gradient on; dropout and weight noise stay as the user set them. Batch
 * normalisation uses its running statistics, also in training, and does not move them. Nothing is regularised or constrained. The
 * layer's own backward pass needs room for its parameters' gradient: it gets working memory of the pass, which all layers share when
 * workspaces are on.
 */
public class FrozenWrapper extends BaseWrapperLayer {
    private static final long serialVersionUID = 1L;

    /** The name of the flat parameters after the layer's name and a dot. */
    public static final String PARAMS = "params";

    private @Nullable String frozenId;

    /** For Jackson. */
    protected FrozenWrapper() {}

    /**
     * @param underlying the layer; copied
     */
    public FrozenWrapper(Layer underlying) {
        super(underlying.clone());
        this.layerName = underlying.getLayerName();
    }

    /**
     * The checksum under which {@link FrozenStore} knows this layer's parameters.
     *
     * @return null if they are only bound by name
     */
    public @Nullable String getFrozenId() {
        return frozenId;
    }

    /**
     * Names this layer's parameters for {@link FrozenStore}.
     *
     * @param frozenId what {@link FrozenStore#put} returned, or null
     */
    public void setFrozenId(@Nullable String frozenId) {
        this.frozenId = frozenId;
    }

    @Override
    public org.deeplearning4j.nn.api.Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int layerIndex,
            INDArray layerParamsView,
            boolean initializeParams,
            DataType networkDataType) {
        FrozenWeights found = FrozenStore.find(frozenId);
        INDArray flat = found == null
                ? Nd4j.createUninitialized(networkDataType, parameterCount())
                : found.get(getLayerName() + "." + PARAMS);
        org.deeplearning4j.nn.api.Layer inner = inner(conf, listeners, layerIndex, flat);
        FrozenWrapperLayer layer = wrap(inner, conf, flat);
        if (found != null) {
            layer.bindFrozen(found);
        }
        return layer;
    }

    private FrozenWrapperLayer wrap(org.deeplearning4j.nn.api.Layer inner, NeuralNetConfiguration conf, INDArray flat) {
        if (underlying instanceof BatchNormalization) {
            return new FrozenBatchNormLayer(inner, conf, flat);
        }
        if (inner instanceof IOutputLayer output) {
            return new FrozenOutputWrapperLayer(output, conf, flat);
        }
        return inner instanceof RecurrentLayer recurrent
                ? new FrozenRecurrentWrapperLayer(recurrent, conf, flat)
                : new FrozenWrapperLayer(inner, conf, flat);
    }

    /** Number of the layer's own parameters. */
    long parameterCount() {
        return underlying.initializer().numParams(underlying);
    }

    /** The layer itself over given parameters. */
    org.deeplearning4j.nn.api.Layer inner(
            NeuralNetConfiguration conf,
            @Nullable Collection<TrainingListener> listeners,
            int layerIndex,
            INDArray flat) {
        NeuralNetConfiguration own = conf.clone();
        own.setLayer(underlying);
        own.clearVariables();
        underlying.setDataType(flat.dataType());
        return underlying.instantiate(own, listeners, layerIndex, flat, false, flat.dataType());
    }

    @Override
    public ParamInitializer initializer() {
        return EmptyParamInitializer.getInstance();
    }

    @Override
    public @Nullable IUpdater getUpdaterByParam(String paramName) {
        return null;
    }

    @Override
    public @Nullable List<Regularization> getRegularizationByParam(String paramName) {
        return null;
    }

    @Override
    public boolean isPretrainParam(String paramName) {
        return false;
    }

    @Override
    public FrozenWrapper clone() {
        FrozenWrapper copy = (FrozenWrapper) super.clone();
        copy.underlying = underlying.clone();
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FrozenWrapper that
                && canEqual(that)
                && Objects.equals(layerName, that.layerName)
                && Objects.equals(underlying, that.underlying);
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof FrozenWrapper;
    }

    @Override
    public int hashCode() {
        return Objects.hash(layerName, underlying);
    }
}
