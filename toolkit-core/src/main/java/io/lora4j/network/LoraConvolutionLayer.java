package io.lora4j.network;

import io.lora4j.adapter.LoraLinearLayer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ConvolutionUtils;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Broadcast;

/**
 * An adapter over DL4J's ConvolutionLayer and Convolution1DLayer: A is a convolution to r channels with the base's kernel, stride,
 * padding and dilation, B a 1x1 convolution from r channels.
 *
 * <p>Source: PEFT, lora/layer.py, class _ConvNd (which leaves the dilation out of A; with it, a merged convolution is exact). Over patches
 * both are matrices: with P the patches as rows, z = P W + b + s P A B. In training, dropout is on the input, before it is cut.
 */
public class LoraConvolutionLayer extends LoraLinearLayer {
    private static final long serialVersionUID = 1L;

    private transient @Nullable INDArray imageMask;
    private transient @Nullable INDArray throughDropout;

    /**
     * @param conf the configuration whose layer is a {@link LoraWrapper} over a convolution
     * @param dataType the network's data type
     */
    public LoraConvolutionLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    private ConvolutionLayer base() {
        return (ConvolutionLayer) ((LoraWrapper) layerConf()).getBase();
    }

    private boolean isSequence() {
        return base() instanceof Convolution1DLayer;
    }

    private boolean channelsLast() {
        return base() instanceof Convolution1DLayer sequence
                ? sequence.getRnnDataFormat() == RNNFormat.NWC
                : base().getCnn2dDataFormat() == CNN2DFormat.NHWC;
    }

    @Override
    public Type type() {
        return Type.CONVOLUTIONAL;
    }

    /** The input as [N, C, H, W], whatever its format. */
    private INDArray image() {
        INDArray x = input.castTo(dataType);
        int rank = isSequence() ? 3 : 4;
        int channels = channelsLast() ? rank - 1 : 1;
        if (x.rank() != rank || x.size(channels) != base().getNIn()) {
            throw new IllegalArgumentException("layer " + name() + " takes an input of rank " + rank + " with "
                    + base().getNIn() + " channels in dimension " + channels + ", got "
                    + java.util.Arrays.toString(x.shape()));
        }
        if (isSequence()) {
            INDArray ncw = channelsLast() ? x.permute(0, 2, 1) : x;
            return ncw.dup('c').reshape('c', ncw.size(0), ncw.size(1), ncw.size(2), 1);
        }
        return channelsLast() ? x.permute(0, 3, 1, 2).dup('c') : x;
    }

    @Override
    protected INDArray rows(ArrayType where, LayerWorkspaceMgr workspaceMgr) {
        INDArray image = image();
        return Patches.of(base(), image).cut(image, where, workspaceMgr);
    }

    @Override
    protected INDArray fromRows(INDArray z, LayerWorkspaceMgr workspaceMgr) {
        Patches patches = Patches.of(base(), image());
        long examples = patches.examples();
        INDArray last = isSequence()
                ? z.reshape('c', examples, patches.outHeight(), z.size(1))
                : z.reshape('c', examples, patches.outHeight(), patches.outWidth(), z.size(1));
        if (channelsLast()) {
            return last;
        }
        INDArray first = isSequence() ? last.permute(0, 2, 1) : last.permute(0, 3, 1, 2);
        return workspaceMgr.dup(ArrayType.ACTIVATIONS, first, 'c');
    }

    @Override
    protected INDArray toRows(INDArray delta, LayerWorkspaceMgr workspaceMgr) {
        INDArray last = delta.castTo(dataType);
        if (!channelsLast()) {
            last = isSequence() ? last.permute(0, 2, 1) : last.permute(0, 2, 3, 1);
        }
        long out = layerConf().getNOut();
        return workspaceMgr.dup(ArrayType.BP_WORKING_MEM, last, 'c').reshape('c', last.length() / out, out);
    }

    @Override
    protected ArrayType inputGradientType() {
        return ArrayType.BP_WORKING_MEM;
    }

    @Override
    protected INDArray toInput(INDArray dx, LayerWorkspaceMgr workspaceMgr) {
        Patches patches = Patches.of(base(), image());
        INDArray sum = patches.paste(dx, ArrayType.ACTIVATION_GRAD, workspaceMgr);
        INDArray m = imageMask;
        INDArray dropped = throughDropout;
        if (m != null && dropped != null) {
            sum.addi(patches.paste(dropped, ArrayType.BP_WORKING_MEM, workspaceMgr)
                    .muli(m));
        }
        throughDropout = null;
        if (isSequence()) {
            INDArray ncw = sum.reshape('c', sum.size(0), sum.size(1), sum.size(2));
            return channelsLast() ? ncw.permute(0, 2, 1) : ncw;
        }
        return channelsLast() ? sum.permute(0, 2, 3, 1) : sum;
    }

    @Override
    protected INDArray dropOut(INDArray x, LayerWorkspaceMgr workspaceMgr) {
        imageMask = newMask(image().shape(), workspaceMgr);
        return cutDropped(imageMask, ArrayType.FF_WORKING_MEM, workspaceMgr);
    }

    @Override
    protected INDArray droppedOut(INDArray x, LayerWorkspaceMgr workspaceMgr) {
        INDArray m = imageMask;
        return m == null ? x : cutDropped(m, ArrayType.BP_WORKING_MEM, workspaceMgr);
    }

    private INDArray cutDropped(INDArray mask, ArrayType where, LayerWorkspaceMgr workspaceMgr) {
        INDArray image = image();
        INDArray dropped = workspaceMgr.createUninitialized(where, dataType, image.shape(), 'c');
        image.muli(mask, dropped);
        return Patches.of(base(), dropped).cut(dropped, where, workspaceMgr);
    }

    @Override
    protected boolean droppedInputs() {
        return imageMask != null;
    }

    @Override
    protected void addThroughA(INDArray throughA, INDArray dx) {
        throughDropout = throughA;
    }

    @Override
    protected void applyMask(INDArray to) {
        // DL4J's two-dimensional convolution does not mask its output either.
        if (isSequence() && maskArray != null) {
            INDArray mask = reducedMask(maskArray).castTo(to.dataType());
            Broadcast.mul(to, mask, to, channelsLast() ? new int[] {0, 1} : new int[] {0, 2});
        }
    }

    private INDArray reducedMask(INDArray mask) {
        ConvolutionLayer conv = base();
        return isSequence()
                ? ConvolutionUtils.cnn1dMaskReduction(
                        mask,
                        conv.getKernelSize()[0],
                        conv.getStride()[0],
                        conv.getPadding()[0],
                        conv.getDilation()[0],
                        conv.getConvolutionMode())
                : ConvolutionUtils.cnn2dMaskReduction(
                        mask,
                        conv.getKernelSize(),
                        conv.getStride(),
                        conv.getPadding(),
                        conv.getDilation(),
                        conv.getConvolutionMode());
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(
            @Nullable INDArray mask, MaskState currentMaskState, int minibatchSize) {
        return new Pair<>(mask == null ? null : reducedMask(mask), currentMaskState);
    }

    @Override
    public void clear() {
        super.clear();
        imageMask = null;
        throughDropout = null;
    }
}
