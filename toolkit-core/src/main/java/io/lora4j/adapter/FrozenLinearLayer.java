package io.lora4j.adapter;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Implementation of {@link FrozenLinear}: forward z = x W + b, y = f(z); backward dx = (dL/dy f'(z)) W^T and nothing else.
 *
 * <p>It does not use {@link BaseLayer}'s backward pass, which would form z a second time. All products go through {@code Nd4j.gemm},
 * which writes row-major results without a copy ({@code mmuli} makes a temporary). Not thread-safe, as no DL4J layer is.
 */
public class FrozenLinearLayer extends BaseLayer<FrozenLinear> implements FrozenWeightsHolder {
    private static final long serialVersionUID = 1L;

    private transient @Nullable INDArray weight;
    private transient @Nullable INDArray bias;
    private transient @Nullable WeightGradientListener listener;
    private transient @Nullable INDArray preActivation;

    /**
     * @param conf the configuration whose layer is a {@link FrozenLinear}
     * @param dataType the network's data type
     */
    public FrozenLinearLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    /**
     * This layer's name, under which its arrays and its adapter are known.
     *
     * @return the vertex's name in a graph
     */
    public String name() {
        return layerConf().getLayerName();
    }

    @Override
    public void bindFrozen(FrozenWeights weights) {
        String weightName = name() + "." + FrozenLinear.WEIGHT;
        INDArray w = weights.get(weightName);
        checkBound(weightName, w, layerConf().getNIn(), layerConf().getNOut());
        if (layerConf().isHasBias()) {
            String biasName = name() + "." + FrozenLinear.BIAS;
            INDArray b = weights.get(biasName);
            checkBound(biasName, b, layerConf().getNOut());
            this.bias = b;
        }
        this.weight = w;
    }

    private void checkBound(String arrayName, INDArray array, long... shape) {
        if (!java.util.Arrays.equals(array.shape(), shape) || array.dataType() != dataType) {
            throw new IllegalArgumentException("frozen array " + arrayName + " is " + array.dataType()
                    + java.util.Arrays.toString(array.shape()) + ", the layer needs " + dataType
                    + java.util.Arrays.toString(shape));
        }
    }

    /**
     * The bound W, [in, out].
     *
     * @return the shared array; must not be written
     * @throws IllegalStateException if nothing was bound
     */
    public INDArray weight() {
        INDArray w = weight;
        if (w == null) {
            throw new IllegalStateException("the frozen weights of layer " + name()
                    + " are not bound: call FrozenWeights.bindTo(network) after init(), clone() or restoring");
        }
        return w;
    }

    /**
     * Sets or removes the listener for dL/dW.
     *
     * @param value the listener, or null to stop listening
     */
    public void setWeightGradientListener(@Nullable WeightGradientListener value) {
        this.listener = value;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaceMgr);
        INDArray x = checkedInput();
        INDArray w = weight();
        INDArray z = workspaceMgr.createUninitialized(
                ArrayType.ACTIVATIONS, dataType, new long[] {x.size(0), w.size(1)}, 'c');
        Nd4j.gemm(x, w, z, false, false, 1.0, 0.0);
        addAdapter(x, z, training, workspaceMgr);
        if (bias != null) {
            z.addiRowVector(bias);
        }
        if (maskArray != null) {
            applyMask(z);
        }
        if (layerConf().getActivationFn() instanceof ActivationIdentity) {
            return z;
        }
        if (training) {
            // f works in place, and the backward pass needs z itself.
            preActivation = z;
            z = workspaceMgr.dup(ArrayType.ACTIVATIONS, z, 'c');
        }
        INDArray y = layerConf().getActivationFn().getActivation(z, training);
        if (maskArray != null) {
            applyMask(y);
        }
        return y;
    }

    private INDArray checkedInput() {
        if (input.rank() != 2 || input.size(1) != layerConf().getNIn()) {
            throw new IllegalArgumentException("layer " + name() + " takes rows of shape [N, "
                    + layerConf().getNIn() + "], got " + java.util.Arrays.toString(input.shape()));
        }
        return input.castTo(dataType);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        INDArray x = input.castTo(dataType);
        INDArray delta = epsilon;
        INDArray z = preActivation;
        if (z != null) {
            delta = layerConf().getActivationFn().backprop(z, epsilon).getFirst();
        }
        if (maskArray != null) {
            applyMask(delta);
        }
        WeightGradientListener hook = listener;
        if (hook != null) {
            hook.onBackward(name(), x, delta);
        }
        INDArray dx = workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        Nd4j.gemm(delta, weight(), dx, false, true, 1.0, 0.0);
        Gradient gradient = new DefaultGradient();
        backpropAdapter(x, delta, dx, gradient, workspaceMgr);
        return new Pair<>(gradient, backpropDropOutIfPresent(dx));
    }

    /**
     * Adds the adapter's term to z; a plain frozen layer has none.
     *
     * @param x rows that go through W, [N, in]; read only
     * @param z x W, [N, out]; is added to
     * @param training whether dropout is active and a backward pass may follow
     * @param workspaceMgr where intermediates go
     */
    protected void addAdapter(INDArray x, INDArray z, boolean training, LayerWorkspaceMgr workspaceMgr) {}

    /**
     * Adds the adapter's part of dx and puts its factors' gradients; a plain frozen layer has none.
     *
     * @param x rows that went through W, [N, in]; read only
     * @param delta dL/dz, [N, out]; read only
     * @param dx delta W^T, [N, in]; is added to
     * @param gradient where the gradients of trainable parameters are put
     * @param workspaceMgr where temporaries go
     */
    protected void backpropAdapter(
            INDArray x, INDArray delta, INDArray dx, Gradient gradient, LayerWorkspaceMgr workspaceMgr) {}

    @Override
    public void clear() {
        super.clear();
        preActivation = null;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }
}
