package io.lora4j.network;

import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.FrozenWeightsHolder;
import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Implementation of {@link FrozenWrapper}: to the network a layer without parameters, to its input the layer itself. Not thread-safe.
 */
public class FrozenWrapperLayer extends BaseWrapperLayer implements FrozenWeightsHolder {
    private static final long serialVersionUID = 1L;

    private NeuralNetConfiguration conf;
    private transient INDArray flat;
    private transient @Nullable FrozenWeights source;

    /**
     * @param inner the layer over {@code flat}
     * @param conf the configuration whose layer is a {@link FrozenWrapper}
     * @param flat the parameters, or room of their size that is not bound yet
     */
    FrozenWrapperLayer(Layer inner, NeuralNetConfiguration conf, INDArray flat) {
        super(inner);
        this.conf = conf;
        this.flat = flat;
    }

    private FrozenWrapper wrapper() {
        return (FrozenWrapper) conf.getLayer();
    }

    private String name() {
        return wrapper().getLayerName();
    }

    @Override
    public void bindFrozen(FrozenWeights weights) {
        String arrayName = name() + "." + FrozenWrapper.PARAMS;
        INDArray bound = weights.get(arrayName);
        if (!Arrays.equals(bound.shape(), flat.shape()) || bound.dataType() != flat.dataType()) {
            throw new IllegalArgumentException("frozen array " + arrayName + " is " + bound.dataType()
                    + Arrays.toString(bound.shape()) + ", the layer needs " + flat.dataType()
                    + Arrays.toString(flat.shape()));
        }
        if (bound != flat) {
            Layer inner = wrapper().inner(conf, underlying.getListeners(), underlying.getIndex(), bound);
            inner.setIterationCount(underlying.getIterationCount());
            inner.setEpochCount(underlying.getEpochCount());
            rewrap(inner);
            flat = bound;
        }
        source = weights;
    }

    /** Takes another instance of the same layer. */
    void rewrap(Layer inner) {
        underlying = inner;
    }

    private void requireBound() {
        if (source == null) {
            throw new IllegalStateException("the frozen weights of layer " + name()
                    + " are not bound: restore the network with Lora.restore..., or inject its base first");
        }
    }

    /** Room for the gradient that the layer computes beside dx and nobody looks at. */
    final void lendGradients(LayerWorkspaceMgr workspaceMgr) {
        underlying.setBackpropGradientsViewArray(
                workspaceMgr.create(ArrayType.BP_WORKING_MEM, flat.dataType(), flat.shape(), 'c'));
    }

    @Override
    public Layer getUnderlying() {
        // DL4J looks one wrapper deep for a recurrent layer's state.
        return underlying instanceof BaseWrapperLayer wrapped && wrapped.getUnderlying() instanceof RecurrentLayer
                ? wrapped.getUnderlying()
                : underlying;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        requireBound();
        return underlying.activate(training, workspaceMgr);
    }

    @Override
    public INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaceMgr) {
        setInput(input, workspaceMgr);
        return activate(training, workspaceMgr);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        requireBound();
        lendGradients(workspaceMgr);
        INDArray dx = underlying.backpropGradient(epsilon, workspaceMgr).getSecond();
        return new Pair<>(new DefaultGradient(), dx);
    }

    @Override
    public double calcRegularizationScore(boolean backpropParamsOnly) {
        return 0;
    }

    @Override
    public void applyConstraints(int iteration, int epoch) {}

    @Override
    public void update(Gradient gradient) {}

    @Override
    public void update(INDArray gradient, String paramType) {}

    @Override
    public Gradient gradient() {
        return new DefaultGradient();
    }

    @Override
    public @Nullable INDArray params() {
        return null;
    }

    @Override
    public long numParams() {
        return 0;
    }

    @Override
    public long numParams(boolean backwards) {
        return 0;
    }

    @Override
    public void setParams(INDArray params) {
        if (params.length() != 0) {
            throw new IllegalArgumentException("layer " + name() + " is frozen: it has no parameters to set");
        }
    }

    @Override
    public void setParamsViewArray(@Nullable INDArray params) {}

    @Override
    public @Nullable INDArray getGradientsViewArray() {
        return null;
    }

    @Override
    public void setBackpropGradientsViewArray(@Nullable INDArray gradients) {}

    @Override
    public @Nullable INDArray getParam(String param) {
        return null;
    }

    @Override
    public Map<String, INDArray> paramTable() {
        return Map.of();
    }

    @Override
    public Map<String, INDArray> paramTable(boolean backpropParamsOnly) {
        return Map.of();
    }

    @Override
    public void setParamTable(Map<String, INDArray> paramTable) {}

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public NeuralNetConfiguration conf() {
        return conf;
    }

    @Override
    public void setConf(NeuralNetConfiguration conf) {
        this.conf = conf;
    }

    @Override
    public TrainingConfig getConfig() {
        return conf.getLayer();
    }

    @Override
    public boolean updaterDivideByMinibatch(String paramName) {
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    protected boolean canEqual(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
