package io.lora4j.adapter;

import static io.lora4j.adapter.LoraParamInitializer.LORA_A;
import static io.lora4j.adapter.LoraParamInitializer.LORA_B;
import static io.lora4j.adapter.LoraParamInitializer.LORA_MAGNITUDE;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.random.impl.DropOutInverted;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Implementation of {@link LoraLinear}.
 *
 * <p>With d = dropout(x), t = d A [N, r] and delta = dL/dz: z = x W + b + s t B; dB = s t^T delta; u = s delta B^T [N, r]; dA = d^T
 * u; dx = delta W^T + dropout'(u A^T). t and the dropout mask are kept from the forward pass; dW is never formed. {@link DoraScale} has
 * what {@link WeightForm#DORA} adds to it.
 *
 * <p>Dropout masks come from ND4J's generator ({@code Nd4j.getRandom()}): the same seed gives the same masks.
 */
public class LoraLinearLayer extends FrozenLinearLayer {
    private static final long serialVersionUID = 1L;

    private transient @Nullable INDArray projected;
    private transient @Nullable INDArray dropped;
    private transient @Nullable INDArray mask;
    private final @Nullable DoraScale dora;
    private transient boolean disabled;

    /**
     * @param conf the configuration whose layer is a {@link LoraLinear}
     * @param dataType the network's data type
     */
    public LoraLinearLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
        this.dora = config().getWeightForm() == WeightForm.DORA ? new DoraScale() : null;
    }

    /** A's gradient is x^T delta B^T. */
    @Override
    public boolean readsInputAgain() {
        return true;
    }

    @Override
    public void bindFrozen(FrozenWeights weights) {
        super.bindFrozen(weights);
        if (dora != null && Double.isNaN(loraMagnitude().getDouble(0))) {
            resetMagnitude();
        }
    }

    /**
     * The configuration.
     *
     * @return rank, alpha, scaling and dropout of this layer
     */
    public LoraLinear config() {
        return (LoraLinear) layerConf();
    }

    /**
     * The factor A.
     *
     * @return [in, r], a view of the network's parameters: writing it changes the network
     */
    public INDArray loraA() {
        return getParam(LORA_A);
    }

    /**
     * The factor B.
     *
     * @return [r, out], a view of the network's parameters: writing it changes the network
     */
    public INDArray loraB() {
        return getParam(LORA_B);
    }

    /**
     * DoRA's magnitude m.
     *
     * @return [1, out], a view of the network's parameters: writing it changes the network
     * @throws IllegalStateException if the layer has another weight form
     */
    public INDArray loraMagnitude() {
        INDArray magnitude = dora == null ? null : getParam(LORA_MAGNITUDE);
        if (magnitude == null) {
            throw new IllegalStateException(
                    "layer " + name() + " has no magnitude: its weight form is " + config().getWeightForm());
        }
        return magnitude;
    }

    /**
     * Sets DoRA's magnitude to the norms of the columns of W + s A B as they are now, so that the normalisation changes nothing; to be
     * called when a start has put new factors (huggingface/peft {@code DoraLinearLayer.update_layer}; the LoRA-One authors' code does the
     * same with its factors). Does nothing in other weight forms.
     */
    public void resetMagnitude() {
        if (dora != null) {
            loraMagnitude().assign(DoraScale.columnNorms(weight(), loraA(), loraB(), config().scale()));
        }
    }

    /**
     * The matrix that the layer computes with, for merging.
     *
     * @return W + s A B, in DoRA's form with normalised and scaled columns; a new array [in, out] of the layer's data type
     */
    public INDArray mergedWeight() {
        INDArray merged = loraA().mmul(loraB()).muli(config().scale()).addi(weight());
        return dora == null ? merged : merged.muliRowVector(DoraScale.ratio(loraMagnitude(), merged.norm2(true, 0)));
    }

    /**
     * Switches the adapter's term on or off.
     *
     * @param value false to compute as the frozen layer alone; a backward pass is then refused
     */
    public void setAdapterEnabled(boolean value) {
        this.disabled = !value;
    }

    /**
     * Whether the adapter's term is computed.
     *
     * @return true unless it was switched off
     */
    protected final boolean isAdapterEnabled() {
        return !disabled;
    }

    @Override
    protected void addAdapter(
            INDArray x, INDArray z, @Nullable INDArray bias, boolean training, LayerWorkspaceMgr workspaceMgr) {
        if (disabled) {
            addBias(bias, z);
            return;
        }
        INDArray d = training && config().getLoraDropout() > 0 ? dropOut(x, workspaceMgr) : x;
        INDArray a = getParamWithNoise(LORA_A, training, workspaceMgr);
        INDArray t = workspaceMgr.createUninitialized(kept(training), dataType, new long[] {x.size(0), a.size(1)}, 'c');
        kernels.project(d, a, t);
        if (dora == null || d == x) {
            addProjected(t, z, bias, training, workspaceMgr);
            return;
        }
        // PEFT drops the same inputs in the scaled part of W's product: z = x W + (c - 1) (d W) + c s t B.
        INDArray product = workspaceMgr.createUninitialized(ArrayType.ACTIVATIONS, dataType, z.shape(), 'c');
        multiply(d, weight(), product);
        z.subi(product);
        addProjected(t, product, bias, training, workspaceMgr);
        z.addi(product);
    }

    /**
     * z := z + s t B + b, in DoRA's form c (z + s t B) + b; t is kept for the backward pass.
     *
     * @param t x A, [N, r]
     * @param z x W, [N, out]; is changed
     * @param bias b, [out], or null if the layer has none
     * @param training whether a backward pass may follow
     * @param workspaceMgr where a noisy B goes
     */
    protected final void addProjected(
            INDArray t, INDArray z, @Nullable INDArray bias, boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray b = getParamWithNoise(LORA_B, training, workspaceMgr);
        kernels.expand(t, b, config().scale(), dora == null ? bias : null, z);
        projected = training ? t : null;
        if (dora != null) {
            INDArray a = getParamWithNoise(LORA_A, training, workspaceMgr);
            INDArray magnitude = getParamWithNoise(LORA_MAGNITUDE, training, workspaceMgr);
            dora.measure(weight(), a, b, config().scale(), magnitude);
            dora.apply(z, training, workspaceMgr);
            addBias(bias, z);
        }
    }

    /** What the backward pass needs must outlive the layer's working memory. */
    protected static ArrayType kept(boolean training) {
        return training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
    }

    /**
     * A new dropout mask: 0 with the adapter's dropout probability p, else 1 / (1 - p).
     *
     * @param shape its shape
     * @param workspaceMgr where it goes; it is kept until the backward pass
     * @return the mask
     */
    protected final INDArray newMask(long[] shape, LayerWorkspaceMgr workspaceMgr) {
        INDArray m = workspaceMgr
                .createUninitialized(ArrayType.ACTIVATIONS, dataType, shape, 'c')
                .assign(1.0);
        Nd4j.getExecutioner().exec(new DropOutInverted(m, m, 1.0 - config().getLoraDropout()));
        return m;
    }

    /**
     * What goes through A in training with dropout; the mask is kept for the backward pass.
     *
     * @param x rows, [N, in]; read only
     * @param workspaceMgr where arrays go
     * @return [N, in]
     */
    protected INDArray dropOut(INDArray x, LayerWorkspaceMgr workspaceMgr) {
        INDArray m = newMask(x.shape(), workspaceMgr);
        INDArray d = workspaceMgr.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
        x.muli(m, d);
        mask = m;
        dropped = d;
        return d;
    }

    /**
     * What went through A in the forward pass.
     *
     * @param x rows, [N, in]
     * @param workspaceMgr where a new array goes, if one is made
     * @return [N, in]
     */
    protected INDArray droppedOut(INDArray x, LayerWorkspaceMgr workspaceMgr) {
        INDArray d = dropped;
        return d == null ? x : d;
    }

    /**
     * Adds what comes from A's side to dL/dx, through the dropout if there was one.
     *
     * @param throughA [N, in]; may be overwritten
     * @param dx [N, in]; is added to
     */
    protected void addThroughA(INDArray throughA, INDArray dx) {
        INDArray m = mask;
        dx.addi(m == null ? throughA : throughA.muli(m));
    }

    /** Whether the forward pass dropped inputs of A. */
    protected boolean droppedInputs() {
        return mask != null;
    }

    @Override
    protected INDArray behindProduct(INDArray delta, Gradient gradient, LayerWorkspaceMgr workspaceMgr) {
        if (dora == null || projected == null) {
            return delta;
        }
        INDArray dM = Objects.requireNonNull(gradientViews.get(LORA_MAGNITUDE), LORA_MAGNITUDE);
        dora.magnitudeGradient(delta, dM, workspaceMgr);
        gradient.setGradientFor(LORA_MAGNITUDE, dM);
        return dora.scale(delta, workspaceMgr);
    }

    @Override
    protected void backpropAdapter(
            INDArray x, INDArray delta, @Nullable INDArray dx, Gradient gradient, LayerWorkspaceMgr workspaceMgr) {
        INDArray u = backpropB(delta, gradient, workspaceMgr);
        INDArray dA = Objects.requireNonNull(gradientViews.get(LORA_A), LORA_A);
        INDArray a = getParamWithNoise(LORA_A, true, workspaceMgr);
        boolean through = droppedInputs();
        kernels.backwardA(droppedOut(x, workspaceMgr), u, a, dA, through ? null : dx);
        gradient.setGradientFor(LORA_A, dA);
        if (through && dx != null) {
            INDArray throughA = workspaceMgr.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, dx.shape(), 'c');
            if (dora == null) {
                Nd4j.gemm(u, a, throughA, false, true, 1.0, 0.0);
            } else {
                // dx has all of (c delta) W^T; of it, (c delta - delta) W^T belongs behind the dropout.
                Nd4j.gemm(dora.excess(delta, workspaceMgr), weight(), throughA, false, true, 1.0, 0.0);
                dx.subi(throughA);
                Nd4j.gemm(u, a, throughA, false, true, 1.0, 1.0);
            }
            addThroughA(throughA, dx);
        }
        weightNoiseParams.clear();
    }

    /**
     * dB = s t^T delta, and what goes on to A.
     *
     * @param delta dL/dz, [N, out]; read only
     * @param gradient where dB is put
     * @param workspaceMgr where u goes
     * @return u = s delta B^T, [N, r]
     */
    protected final INDArray backpropB(INDArray delta, Gradient gradient, LayerWorkspaceMgr workspaceMgr) {
        INDArray t = projected;
        if (t == null) {
            throw new IllegalStateException("layer " + name()
                    + (disabled
                            ? ": its adapter is disabled or merged, enable or unmerge it before training"
                            : ": backward pass without a forward pass in training mode"));
        }
        double s = config().scale();
        INDArray dB = Objects.requireNonNull(gradientViews.get(LORA_B), LORA_B);
        INDArray u = workspaceMgr.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, t.shape(), 'c');
        kernels.backwardB(t, delta, getParamWithNoise(LORA_B, true, workspaceMgr), s, dB, u);
        gradient.setGradientFor(LORA_B, dB);
        return u;
    }

    @Override
    public void clear() {
        super.clear();
        projected = null;
        dropped = null;
        mask = null;
        if (dora != null) {
            dora.clear();
        }
    }
}
