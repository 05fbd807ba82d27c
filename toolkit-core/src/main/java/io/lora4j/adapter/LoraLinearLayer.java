package io.lora4j.adapter;

import static io.lora4j.adapter.LoraParamInitializer.LORA_A;
import static io.lora4j.adapter.LoraParamInitializer.LORA_B;

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
 * u; dx = delta W^T + dropout'(u A^T). t and the dropout mask are kept from the forward pass; dW is never formed.
 *
 * <p>Dropout masks come from ND4J's generator ({@code Nd4j.getRandom()}): the same seed gives the same masks.
 */
public class LoraLinearLayer extends FrozenLinearLayer {
    private static final long serialVersionUID = 1L;

    private transient @Nullable INDArray projected;
    private transient @Nullable INDArray dropped;
    private transient @Nullable INDArray mask;
    private transient boolean disabled;

    /**
     * @param conf the configuration whose layer is a {@link LoraLinear}
     * @param dataType the network's data type
     */
    public LoraLinearLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
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
    protected void addAdapter(INDArray x, INDArray z, boolean training, LayerWorkspaceMgr workspaceMgr) {
        if (disabled) {
            return;
        }
        INDArray d = training && config().getLoraDropout() > 0 ? dropOut(x, workspaceMgr) : x;
        INDArray a = getParamWithNoise(LORA_A, training, workspaceMgr);
        INDArray t = workspaceMgr.createUninitialized(kept(training), dataType, new long[] {x.size(0), a.size(1)}, 'c');
        Nd4j.gemm(d, a, t, false, false, 1.0, 0.0);
        addProjected(t, z, training, workspaceMgr);
    }

    /**
     * z := z + s t B, and t is kept for the backward pass.
     *
     * @param t x A, [N, r]
     * @param z [N, out]; is added to
     * @param training whether a backward pass may follow
     * @param workspaceMgr where a noisy B goes
     */
    protected final void addProjected(INDArray t, INDArray z, boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray b = getParamWithNoise(LORA_B, training, workspaceMgr);
        Nd4j.gemm(t, b, z, false, false, config().scale(), 1.0);
        projected = training ? t : null;
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
     * Adds u A^T to dL/dx, through the dropout if there was one.
     *
     * @param u s delta B^T, [N, r]
     * @param a A, [in, r]
     * @param dx [N, in]; is added to
     * @param workspaceMgr where temporaries go
     */
    protected void addThroughA(INDArray u, INDArray a, INDArray dx, LayerWorkspaceMgr workspaceMgr) {
        INDArray m = mask;
        if (m == null) {
            Nd4j.gemm(u, a, dx, false, true, 1.0, 1.0);
            return;
        }
        INDArray throughA = workspaceMgr.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, dx.shape(), 'c');
        Nd4j.gemm(u, a, throughA, false, true, 1.0, 0.0);
        dx.addi(throughA.muli(m));
    }

    @Override
    protected void backpropAdapter(
            INDArray x, INDArray delta, INDArray dx, Gradient gradient, LayerWorkspaceMgr workspaceMgr) {
        INDArray u = backpropB(delta, gradient, workspaceMgr);
        INDArray dA = gradientViews.get(LORA_A);
        Nd4j.gemm(droppedOut(x, workspaceMgr), u, dA, true, false, 1.0, 0.0);
        addThroughA(u, getParamWithNoise(LORA_A, true, workspaceMgr), dx, workspaceMgr);
        gradient.setGradientFor(LORA_A, dA);
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
        INDArray dB = gradientViews.get(LORA_B);
        Nd4j.gemm(t, delta, dB, true, false, s, 0.0);
        INDArray u = workspaceMgr.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, t.shape(), 'c');
        Nd4j.gemm(delta, getParamWithNoise(LORA_B, true, workspaceMgr), u, false, true, s, 0.0);
        gradient.setGradientFor(LORA_B, dB);
        return u;
    }

    @Override
    public void clear() {
        super.clear();
        projected = null;
        dropped = null;
        mask = null;
    }
}
