package io.lora4j.adapter;

import io.lora4j.kernel.LowRankKernels;
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
public class FrozenLinearLayer extends BaseLayer<FrozenLinear>
        implements FrozenWeightsHolder, GradientNeed, ReleasedOutput {
    private static final long serialVersionUID = 1L;

    /** A layer's kernels are chosen once. */
    final transient LowRankKernels kernels = LowRankKernels.get();

    private transient @Nullable INDArray weight;
    private transient @Nullable INDArray bias;
    private transient @Nullable WeightGradientListener listener;
    private transient @Nullable INDArray preActivation;
    private transient boolean inputGradientUnneeded;

    @SuppressWarnings(
            "UnusedVariable") // held, so that FrozenStore can give the arrays to clones while this layer lives
    private transient @Nullable FrozenWeights source;

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
        this.source = weights;
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
            FrozenWeights found = FrozenStore.find(layerConf().getFrozenId());
            if (found != null) {
                bindFrozen(found);
                w = weight;
            }
        }
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

    /**
     * Whether the backward pass looks at the values of the input, and not only at its shape. A layer without an adapter does so for a listener
     * only, so that its input's memory can be used for something else once the forward pass has gone by.
     *
     * @return true if the input must stay as it is until the backward pass
     */
    public boolean readsInputAgain() {
        return listener != null;
    }

    @Override
    public void setNeededInputs(boolean... inputs) {
        inputGradientUnneeded = !inputs[0];
    }

    /**
     * Whether anybody reads dL/dx.
     *
     * @return true unless the model has said otherwise
     */
    protected final boolean needsInputGradient() {
        return !inputGradientUnneeded;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaceMgr);
        INDArray z = linearMap(training, workspaceMgr);
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

    /**
     * z = x W + b with the adapter's term, before mask and activation.
     *
     * @param training whether a backward pass may follow
     * @param workspaceMgr where arrays go
     * @return a new array in the shape of the layer's output
     */
    protected final INDArray linearMap(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray w = weight();
        INDArray x = rows(ArrayType.FF_WORKING_MEM, workspaceMgr);
        INDArray z = workspaceMgr.createUninitialized(
                ArrayType.ACTIVATIONS, dataType, new long[] {x.size(0), w.size(1)}, 'c');
        multiply(x, w, z);
        addAdapter(x, z, bias, training, workspaceMgr);
        return fromRows(z, workspaceMgr);
    }

    /**
     * The input as rows that go through W.
     *
     * @param where what the array is for, if a new one is made
     * @param workspaceMgr where it goes
     * @return [N, in]; may be the input itself
     */
    protected INDArray rows(ArrayType where, LayerWorkspaceMgr workspaceMgr) {
        if (input.rank() != 2 || input.size(1) != layerConf().getNIn()) {
            throw new IllegalArgumentException("layer " + name() + " takes rows of shape [N, "
                    + layerConf().getNIn() + "], got " + java.util.Arrays.toString(input.shape()));
        }
        return input.castTo(dataType);
    }

    /**
     * z := x W.
     *
     * @param x rows, [N, in]
     * @param w W, [in, out]
     * @param z [N, out], 'c' order; is overwritten
     */
    protected void multiply(INDArray x, INDArray w, INDArray z) {
        Nd4j.gemm(x, w, z, false, false, 1.0, 0.0);
    }

    /**
     * Gives z the shape of the layer's output.
     *
     * @param z [N, out]
     * @param workspaceMgr where a new array goes, if one is made
     * @return z itself unless the layer's output has more dimensions
     */
    protected INDArray fromRows(INDArray z, LayerWorkspaceMgr workspaceMgr) {
        return z;
    }

    /**
     * The inverse of {@link #fromRows} for a gradient.
     *
     * @param delta in the shape of the layer's output
     * @param workspaceMgr where a new array goes, if one is made
     * @return [N, out]
     */
    protected INDArray toRows(INDArray delta, LayerWorkspaceMgr workspaceMgr) {
        return delta;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        INDArray delta = epsilon;
        INDArray z = preActivation;
        if (z != null) {
            delta = layerConf().getActivationFn().backprop(z, epsilon).getFirst();
        }
        if (maskArray != null) {
            applyMask(delta);
        }
        return backpropDelta(delta, workspaceMgr);
    }

    /**
     * The backward pass below z.
     *
     * @param delta dL/dz, in the shape of the layer's output
     * @param workspaceMgr where arrays go
     * @return the factors' gradients and dL/dx
     */
    protected final Pair<Gradient, INDArray> backpropDelta(INDArray delta, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = rows(ArrayType.BP_WORKING_MEM, workspaceMgr);
        Gradient gradient = new DefaultGradient();
        INDArray deltaRows = behindProduct(toRows(delta, workspaceMgr), gradient, workspaceMgr);
        WeightGradientListener hook = listener;
        if (hook != null) {
            hook.onBackward(pass(x, deltaRows));
        }
        return new Pair<>(gradient, backpropRows(x, deltaRows, gradient, workspaceMgr));
    }

    /**
     * The gradient of the product x (W + s A B); a plain layer adds to the product, so it is that of z.
     *
     * @param delta dL/dz, [N, out]; read only
     * @param gradient where the gradients of trainable parameters behind the product are put
     * @param workspaceMgr where a new array goes, if one is made
     * @return [N, out]
     */
    protected INDArray behindProduct(INDArray delta, Gradient gradient, LayerWorkspaceMgr workspaceMgr) {
        return delta;
    }

    /**
     * What a listener hears.
     *
     * @param x rows, [N, in]
     * @param delta [N, out]
     * @return the pass
     */
    protected WeightBackward pass(INDArray x, INDArray delta) {
        return new WeightBackward.Rows(name(), x, delta);
    }

    /**
     * The factors' gradients and dL/dx.
     *
     * @param x rows that went through W, [N, in]
     * @param delta what {@link #behindProduct} gave, [N, out]
     * @param gradient where the gradients of trainable parameters are put
     * @param workspaceMgr where arrays go
     * @return dL/dx in the shape of the input; null if nobody reads it
     */
    protected @Nullable INDArray backpropRows(
            INDArray x, INDArray delta, Gradient gradient, LayerWorkspaceMgr workspaceMgr) {
        if (!needsInputGradient()) {
            backpropAdapter(x, delta, null, gradient, workspaceMgr);
            return null;
        }
        INDArray dx = workspaceMgr.createUninitialized(inputGradientType(), dataType, x.shape(), 'c');
        Nd4j.gemm(delta, weight(), dx, false, true, 1.0, 0.0);
        backpropAdapter(x, delta, dx, gradient, workspaceMgr);
        return backpropDropOutIfPresent(toInput(dx, workspaceMgr));
    }

    /**
     * Where the gradient of the rows goes.
     *
     * @return the result itself, unless {@link #toInput} makes another array of it
     */
    protected ArrayType inputGradientType() {
        return ArrayType.ACTIVATION_GRAD;
    }

    /**
     * The inverse of {@link #rows} for a gradient.
     *
     * @param dx [N, in]
     * @param workspaceMgr where a new array goes, if one is made
     * @return dL/dx in the shape of the input
     */
    protected INDArray toInput(INDArray dx, LayerWorkspaceMgr workspaceMgr) {
        return dx;
    }

    /**
     * Adds the bias and the adapter's term to z; a plain frozen layer has none.
     *
     * @param x rows that go through W, [N, in]; read only
     * @param z x W, [N, out]; is added to
     * @param bias b, [out], or null if the layer has none
     * @param training whether dropout is active and a backward pass may follow
     * @param workspaceMgr where intermediates go
     */
    protected void addAdapter(
            INDArray x, INDArray z, @Nullable INDArray bias, boolean training, LayerWorkspaceMgr workspaceMgr) {
        addBias(bias, z);
    }

    /**
     * z := z + b.
     *
     * @param bias [out], or null for none
     * @param z [N, out]; is added to
     */
    protected final void addBias(@Nullable INDArray bias, INDArray z) {
        if (bias != null) {
            kernels.addBias(bias, z);
        }
    }

    /**
     * Adds the adapter's part of dx and puts its factors' gradients; a plain frozen layer has none.
     *
     * @param x rows that went through W, [N, in]; read only
     * @param delta dL/dz, [N, out]; read only
     * @param dx delta W^T, [N, in], is added to; or null if nobody reads it
     * @param gradient where the gradients of trainable parameters are put
     * @param workspaceMgr where temporaries go
     */
    protected void backpropAdapter(
            INDArray x, INDArray delta, @Nullable INDArray dx, Gradient gradient, LayerWorkspaceMgr workspaceMgr) {}

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
