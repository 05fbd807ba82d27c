package io.lora4j.network;

import io.lora4j.adapter.Adaptable;
import io.lora4j.adapter.FrozenLinearLayer;
import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraLinear;
import java.util.Objects;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Configuration of an adapter over a DL4J layer that is a matrix underneath, but whose rows are not simply its input: an output layer, an
 * embedding or a convolution.
 *
 * <p>{@code nIn} and {@code nOut} are the matrix's sizes; the layer's own configuration is kept as {@code base} for its loss, kernel,
 * padding and formats.
 */
public class LoraWrapper extends LoraLinear {
    private static final long serialVersionUID = 1L;

    private @Nullable FeedForwardLayer base;

    /** For Jackson. */
    protected LoraWrapper() {}

    /**
     * @param base a layer of one of the kinds of {@link LayerKind}; copied
     * @param config rank, alpha, scaling and dropout
     * @throws IllegalArgumentException if the layer is of no such kind or the rank is too large
     */
    public LoraWrapper(FeedForwardLayer base, LoraConfig config) {
        this(base, adaptable(base), config);
    }

    private LoraWrapper(FeedForwardLayer base, Adaptable size, LoraConfig config) {
        super(base, size.in(), size.out(), BaseLayers.hasBias(base), config);
        this.base = (FeedForwardLayer) base.clone();
    }

    private static Adaptable adaptable(FeedForwardLayer base) {
        Adaptable size = BaseLayers.adaptable(base);
        if (size == null) {
            throw new IllegalArgumentException(
                    "no adapter for layers of class " + base.getClass().getName());
        }
        return size;
    }

    /**
     * The layer under the adapter.
     *
     * @return its configuration; must not be changed
     */
    public FeedForwardLayer getBase() {
        return Objects.requireNonNull(base, "base");
    }

    /**
     * For Jackson.
     *
     * @param base the layer under the adapter
     */
    public void setBase(FeedForwardLayer base) {
        this.base = base;
    }

    private LayerKind kind() {
        return adaptable(getBase()).kind();
    }

    @Override
    protected FrozenLinearLayer createLayer(NeuralNetConfiguration conf, DataType dataType) {
        checkSizes();
        return switch (kind()) {
            case OUTPUT -> new LoraOutputLayer(conf, dataType);
            case RNN_OUTPUT -> new LoraRnnOutputLayer(conf, dataType);
            case EMBEDDING, EMBEDDING_SEQUENCE -> new LoraEmbeddingLayer(conf, dataType);
            case CONVOLUTION_1D, CONVOLUTION_2D -> new LoraConvolutionLayer(conf, dataType);
            case LINEAR, DENSE -> throw new IllegalArgumentException("a dense layer needs no wrapper");
        };
    }

    @Override
    protected boolean startsWithZeroA() {
        LayerKind kind = kind();
        return kind == LayerKind.EMBEDDING || kind == LayerKind.EMBEDDING_SEQUENCE;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        return getBase().getOutputType(layerIndex, inputType);
    }

    @Override
    public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return getBase().getPreProcessorForInputType(inputType);
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        // The sizes are those of a trained matrix.
    }

    @Override
    public LoraWrapper clone() {
        LoraWrapper copy = (LoraWrapper) super.clone();
        FeedForwardLayer own = base;
        copy.base = own == null ? null : (FeedForwardLayer) own.clone();
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LoraWrapper that && super.equals(other) && Objects.equals(base, that.base);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), base);
    }
}
