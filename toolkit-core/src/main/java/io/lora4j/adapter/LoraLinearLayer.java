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

    @Override
    protected void addAdapter(INDArray x, INDArray z, boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray a = getParamWithNoise(LORA_A, training, workspaceMgr);
        INDArray b = getParamWithNoise(LORA_B, training, workspaceMgr);
        // What the backward pass needs must outlive the layer's working memory.
        ArrayType keep = training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
        INDArray d = x;
        double probability = config().getLoraDropout();
        if (training && probability > 0) {
            INDArray m = workspaceMgr
                    .createUninitialized(keep, dataType, x.shape(), 'c')
                    .assign(1.0);
            Nd4j.getExecutioner().exec(new DropOutInverted(m, m, 1.0 - probability));
            d = workspaceMgr.createUninitialized(keep, dataType, x.shape(), 'c');
            x.muli(m, d);
            mask = m;
        }
        INDArray t = workspaceMgr.createUninitialized(keep, dataType, new long[] {x.size(0), a.size(1)}, 'c');
        Nd4j.gemm(d, a, t, false, false, 1.0, 0.0);
        Nd4j.gemm(t, b, z, false, false, config().scale(), 1.0);
        if (training) {
            projected = t;
            dropped = d;
        }
    }

    @Override
    protected void backpropAdapter(
            INDArray x, INDArray delta, INDArray dx, Gradient gradient, LayerWorkspaceMgr workspaceMgr) {
        INDArray t = projected;
        INDArray d = dropped;
        if (t == null || d == null) {
            throw new IllegalStateException(
                    "layer " + name() + ": backward pass without a forward pass in training mode");
        }
        INDArray a = getParamWithNoise(LORA_A, true, workspaceMgr);
        INDArray b = getParamWithNoise(LORA_B, true, workspaceMgr);
        double s = config().scale();
        INDArray dA = gradientViews.get(LORA_A);
        INDArray dB = gradientViews.get(LORA_B);
        Nd4j.gemm(t, delta, dB, true, false, s, 0.0);
        INDArray u = workspaceMgr.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, t.shape(), 'c');
        Nd4j.gemm(delta, b, u, false, true, s, 0.0);
        Nd4j.gemm(d, u, dA, true, false, 1.0, 0.0);
        INDArray m = mask;
        if (m == null) {
            Nd4j.gemm(u, a, dx, false, true, 1.0, 1.0);
        } else {
            INDArray throughA = workspaceMgr.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, x.shape(), 'c');
            Nd4j.gemm(u, a, throughA, false, true, 1.0, 0.0);
            dx.addi(throughA.muli(m));
        }
        gradient.setGradientFor(LORA_A, dA);
        gradient.setGradientFor(LORA_B, dB);
        weightNoiseParams.clear();
    }

    @Override
    public void clear() {
        super.clear();
        projected = null;
        dropped = null;
        mask = null;
    }
}
