package io.lora4j.network;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.Convolution1DUtils;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.convolution.Convolution;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The patches that a convolution's kernel sees on one input, and the way back.
 *
 * <p>A sequence is an image of width 1. A patch is a row: (channel, y, x) for images and (step, channel) for sequences, the orders in
 * which DL4J lays out the weights of the two layers.
 */
final class Patches {
    private final boolean sequence;
    /** [N, C, H, W], with the zeros before a causal sequence. */
    private final long[] image;

    private final int[] kernel;
    private final int[] stride;
    private final int[] dilation;
    /** Above and left. */
    private final int[] padding;

    private final int[] out;
    private final boolean same;
    /** Zeros that are put before the sequence. */
    private final int causal;

    private Patches(
            boolean sequence,
            long[] image,
            int[] kernel,
            int[] stride,
            int[] dilation,
            int[] padding,
            int[] out,
            boolean same,
            int causal) {
        this.sequence = sequence;
        this.image = image;
        this.kernel = kernel;
        this.stride = stride;
        this.dilation = dilation;
        this.padding = padding;
        this.out = out;
        this.same = same;
        this.causal = causal;
    }

    /** Number of examples. */
    long examples() {
        return image[0];
    }

    /** Height of the output; the length of a sequence. */
    int outHeight() {
        return out[0];
    }

    /** Width of the output. */
    int outWidth() {
        return out[1];
    }

    /** The patches of an input [N, C, H, W], or [N, C, L, 1] for a sequence. */
    static Patches of(ConvolutionLayer conf, INDArray image) {
        return conf instanceof Convolution1DLayer ? ofSequence(conf, image.shape()) : ofImage(conf, image);
    }

    private static Patches ofImage(ConvolutionLayer conf, INDArray image) {
        int[] kernel = conf.getKernelSize();
        int[] stride = conf.getStride();
        int[] dilation = conf.getDilation();
        ConvolutionMode mode = conf.getConvolutionMode();
        boolean same = mode == ConvolutionMode.Same;
        int[] given = same ? null : conf.getPadding();
        int[] out = ConvolutionUtils.getOutputSize(image, kernel, stride, given, mode, dilation, CNN2DFormat.NCHW);
        int[] size = {(int) image.size(2), (int) image.size(3)};
        int[] padding = same
                ? ConvolutionUtils.getSameModeTopLeftPadding(out, size, kernel, stride, dilation)
                : conf.getPadding();
        return new Patches(false, image.shape(), kernel, stride, dilation, padding, out, same, 0);
    }

    private static Patches ofSequence(ConvolutionLayer conf, long[] shape) {
        int[] kernel = {conf.getKernelSize()[0], 1};
        int[] stride = {conf.getStride()[0], 1};
        int[] dilation = {conf.getDilation()[0], 1};
        ConvolutionMode mode = conf.getConvolutionMode();
        int given = conf.getPadding()[0];
        int out = (int) Convolution1DUtils.getOutputSize(shape[2], kernel[0], stride[0], given, mode, dilation[0]);
        boolean same = mode == ConvolutionMode.Same;
        int causal = mode == ConvolutionMode.Causal ? (kernel[0] - 1) * dilation[0] : 0;
        int before = given;
        if (same) {
            int reach = (kernel[0] - 1) * dilation[0] + 1;
            before = (int) Math.max(0, ((out - 1L) * stride[0] + reach - shape[2]) / 2);
        } else if (causal > 0) {
            before = 0;
        }
        long[] image = shape.clone();
        image[2] += causal;
        return new Patches(
                true, image, kernel, stride, dilation, new int[] {before, 0}, new int[] {out, 1}, same, causal);
    }

    private long[] columnShape() {
        return sequence
                ? new long[] {image[0], out[0], out[1], kernel[0], kernel[1], image[1]}
                : new long[] {image[0], out[0], out[1], image[1], kernel[0], kernel[1]};
    }

    /** A view of the rows in im2col's order [N, C, kernel height, kernel width, height, width]. */
    private INDArray inOrder(INDArray columns) {
        return sequence ? columns.permute(0, 5, 3, 4, 1, 2) : columns.permute(0, 3, 4, 5, 1, 2);
    }

    /** The patches of an image as rows [N * height * width, in]. */
    INDArray cut(INDArray input, ArrayType where, LayerWorkspaceMgr workspaceMgr) {
        INDArray source = input;
        if (causal > 0) {
            source = workspaceMgr.create(where, input.dataType(), image, 'c');
            withoutCausal(source).assign(input);
        }
        INDArray columns = workspaceMgr.createUninitialized(where, input.dataType(), columnShape(), 'c');
        Convolution.im2col(
                source,
                kernel[0],
                kernel[1],
                stride[0],
                stride[1],
                padding[0],
                padding[1],
                dilation[0],
                dilation[1],
                same,
                inOrder(columns));
        long rows = image[0] * out[0] * out[1];
        return columns.reshape('c', rows, columns.length() / rows);
    }

    /** Adds the patches up again where they overlap: the gradient of {@link #cut}, [N, C, H, W]. */
    INDArray paste(INDArray rows, ArrayType where, LayerWorkspaceMgr workspaceMgr) {
        INDArray columns = rows.reshape('c', columnShape());
        INDArray sum = workspaceMgr.create(where, rows.dataType(), image, 'c');
        Convolution.col2im(
                inOrder(columns),
                sum,
                stride[0],
                stride[1],
                padding[0],
                padding[1],
                (int) image[2],
                (int) image[3],
                dilation[0],
                dilation[1]);
        return causal > 0 ? workspaceMgr.dup(where, withoutCausal(sum), 'c') : sum;
    }

    private INDArray withoutCausal(INDArray padded) {
        return padded.get(
                NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(causal, image[2]), NDArrayIndex.all());
    }
}
