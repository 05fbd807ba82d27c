package io.lora4j.adapter;

import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LayerValidation;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.params.EmptyParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Configuration of a pre-trained linear map that is not trained: y = f(x W + b), x [N, in], W [in, out], b [out].
 *
 * <p>W and b are outside DL4J's parameter table (no gradient, no updater state, no copy): they are bound after {@code init()} by
 * {@link FrozenWeights#bindTo}, under the names {@code LAYERNAME.weight} and {@code LAYERNAME.bias}. The backward pass gives dL/dx only.
 * A {@link LoraConfig} whose targets name this layer turns it into a {@link LoraLinear} ({@link AdapterInjector}).
 *
 * <p>Like every DL4J configuration it survives the JSON round trip; it is not thread-safe while being set.
 */
public class FrozenLinear extends FeedForwardLayer {
    private static final long serialVersionUID = 1L;

    /** The name of W after the layer's name and a dot. */
    public static final String WEIGHT = "weight";
    /** The name of b after the layer's name and a dot. */
    public static final String BIAS = "bias";

    private boolean hasBias = true;
    private @Nullable String frozenId;

    /** For Jackson. */
    protected FrozenLinear() {}

    /**
     * @param builder the values
     */
    protected FrozenLinear(Builder<?> builder) {
        super(builder);
        this.hasBias = builder.hasBias;
        initializeConstraints(builder);
    }

    /**
     * A new builder.
     *
     * @return a builder with a bias and DL4J's defaults
     */
    public static Builder<?> builder() {
        return new PlainBuilder();
    }

    /**
     * Whether b is added.
     *
     * @return true by default
     */
    public boolean isHasBias() {
        return hasBias;
    }

    /**
     * Sets whether b is added.
     *
     * @param hasBias true if the layer has a bias
     */
    public void setHasBias(boolean hasBias) {
        this.hasBias = hasBias;
    }

    /**
     * The checksum under which {@link FrozenStore} knows this layer's arrays.
     *
     * @return null if the arrays are only bound by name
     */
    public @Nullable String getFrozenId() {
        return frozenId;
    }

    /**
     * Names this layer's arrays for {@link FrozenStore}.
     *
     * @param frozenId what {@link FrozenStore#put} returned, or null
     */
    public void setFrozenId(@Nullable String frozenId) {
        this.frozenId = frozenId;
    }

    /**
     * Takes over what a trained layer's configuration says about everything but its weights: name, activation, dropout, updaters,
     * regularisation and gradient normalisation. Constraints are left out: they hold for weights that are now frozen.
     *
     * @param from the layer; unchanged
     */
    protected final void copySettings(FeedForwardLayer from) {
        setLayerName(from.getLayerName());
        setActivationFn(from.getActivationFn());
        setWeightInitFn(from.getWeightInitFn());
        setBiasInit(from.getBiasInit());
        setGainInit(from.getGainInit());
        setRegularization(from.getRegularization());
        setRegularizationBias(from.getRegularizationBias());
        setIUpdater(from.getIUpdater());
        setBiasUpdater(from.getBiasUpdater());
        setGradientNormalization(from.getGradientNormalization());
        setGradientNormalizationThreshold(from.getGradientNormalizationThreshold());
        // A dropout object keeps its mask between the passes: one per network.
        setIDropout(from.getIDropout() == null ? null : from.getIDropout().clone());
    }

    /**
     * The frozen form of a dense layer.
     *
     * @param base a layer whose W and b will be bound; unchanged
     * @return a new configuration of the same name, sizes and settings
     */
    public static FrozenLinear of(DenseLayer base) {
        FrozenLinear frozen = new FrozenLinear();
        frozen.copySettings(base);
        frozen.setNIn(base.getNIn());
        frozen.setNOut(base.getNOut());
        frozen.setHasBias(base.hasBias());
        return frozen;
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int layerIndex,
            INDArray layerParamsView,
            boolean initializeParams,
            DataType networkDataType) {
        LayerValidation.assertNInNOutSet(getClass().getSimpleName(), getLayerName(), layerIndex, getNIn(), getNOut());
        FrozenLinearLayer layer = createLayer(conf, networkDataType);
        layer.setListeners(listeners);
        layer.setIndex(layerIndex);
        layer.setParamsViewArray(layerParamsView);
        Map<String, INDArray> table = initializer().init(conf, layerParamsView, initializeParams);
        layer.setParamTable(table);
        layer.setConf(conf);
        return layer;
    }

    /**
     * Makes the implementation that belongs to this configuration.
     *
     * @param conf the configuration that holds this layer
     * @param dataType the network's data type
     * @return a new, unbound layer without parameters set
     */
    protected FrozenLinearLayer createLayer(NeuralNetConfiguration conf, DataType dataType) {
        return new FrozenLinearLayer(conf, dataType);
    }

    @Override
    public ParamInitializer initializer() {
        return EmptyParamInitializer.getInstance();
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        long trainable = initializer().numParams(this);
        long updaterState = trainable == 0 ? 0 : getIUpdater().stateSize(trainable);
        return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, getOutputType(-1, inputType))
                .standardMemory(trainable, updaterState)
                .build();
    }

    @Override
    public FrozenLinear clone() {
        return (FrozenLinear) super.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FrozenLinear that && super.equals(other) && hasBias == that.hasBias;
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof FrozenLinear && other.getClass() == getClass();
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), hasBias);
    }

    /**
     * Builder in DL4J's manner.
     *
     * @param <T> the builder's own type
     */
    public abstract static class Builder<T extends Builder<T>> extends FeedForwardLayer.Builder<T> {
        private boolean hasBias = true;

        /**
         * Whether b is added.
         *
         * @param value true by default
         * @return this builder
         */
        @SuppressWarnings("unchecked")
        public T hasBias(boolean value) {
            this.hasBias = value;
            return (T) this;
        }
    }

    @SuppressWarnings("unchecked") // DL4J's build() is generic in its result
    private static final class PlainBuilder extends Builder<PlainBuilder> {
        @Override
        public FrozenLinear build() {
            return new FrozenLinear(this);
        }
    }
}
