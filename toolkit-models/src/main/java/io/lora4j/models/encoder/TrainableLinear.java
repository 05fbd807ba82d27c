package io.lora4j.models.encoder;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LayerValidation;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Configuration of a linear map whose weight and bias are trained, starting from pre-trained ones: y = f(x W + b), x [N, in], DL4J
 * parameters {@code W} [in, out] and {@code b} [out].
 *
 * <p>It computes what DL4J's {@code DenseLayer} computes and lays its parameters out alike, but its backward pass does not form x W a
 * second time. W and b are NaN until weights are copied in ({@link TrainableWeights#copyInto}).
 */
public final class TrainableLinear extends FeedForwardLayer {
    private static final long serialVersionUID = 1L;

    /** For Jackson. */
    @SuppressWarnings("unused")
    private TrainableLinear() {}

    private TrainableLinear(Builder builder) {
        super(builder);
        initializeConstraints(builder);
    }

    /**
     * A new builder.
     *
     * @return a builder whose parameters start as NaN
     */
    public static Builder builder() {
        return new Builder();
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
        TrainableLinearLayer layer = new TrainableLinearLayer(conf, networkDataType);
        layer.setListeners(listeners);
        layer.setIndex(layerIndex);
        layer.setParamsViewArray(layerParamsView);
        layer.setParamTable(initializer().init(conf, layerParamsView, initializeParams));
        layer.setConf(conf);
        return layer;
    }

    @Override
    public ParamInitializer initializer() {
        return DefaultParamInitializer.getInstance();
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        long parameters = initializer().numParams(this);
        return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, getOutputType(-1, inputType))
                .standardMemory(parameters, getIUpdater().stateSize(parameters))
                .build();
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof TrainableLinear;
    }

    /** Builder in DL4J's manner. */
    @SuppressWarnings("unchecked") // DL4J's build() is generic in its result
    public static final class Builder extends FeedForwardLayer.Builder<Builder> {
        private Builder() {
            weightInit(new WeightInitConstant(Double.NaN));
            biasInit(Double.NaN);
        }

        @Override
        public TrainableLinear build() {
            return new TrainableLinear(this);
        }
    }
}
