package io.lora4j.network;

import java.util.Arrays;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An adapter over DL4J's RnnOutputLayer: {@link LoraOutputLayer} on rows that are time steps, row n T + t of example n and step t. Input,
 * labels and output are [N, size, T], or [N, T, size] in format NWC; a mask is [N, T], or has the labels' shape.
 */
public class LoraRnnOutputLayer extends LoraOutputLayer {
    private static final long serialVersionUID = 1L;

    /**
     * @param conf the configuration whose layer is a {@link LoraWrapper} over an RnnOutputLayer
     * @param dataType the network's data type
     */
    public LoraRnnOutputLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    private boolean channelsLast() {
        return ((RnnOutputLayer) ((LoraWrapper) layerConf()).getBase()).getRnnDataFormat() == RNNFormat.NWC;
    }

    @Override
    public Type type() {
        return Type.RECURRENT;
    }

    /** [N, size, T] or [N, T, size] as [N T, size]. */
    private INDArray flat(INDArray sequence) {
        INDArray last = channelsLast() ? sequence : sequence.permute(0, 2, 1);
        return last.dup('c').reshape('c', last.size(0) * last.size(1), last.size(2));
    }

    /** The inverse of {@link #flat}: a view. */
    private INDArray sequence(INDArray rows) {
        long examples = input.size(0);
        INDArray last = rows.reshape('c', examples, rows.size(0) / examples, rows.size(1));
        return channelsLast() ? last : last.permute(0, 2, 1);
    }

    @Override
    protected INDArray rows(ArrayType where, LayerWorkspaceMgr workspaceMgr) {
        int size = channelsLast() ? 2 : 1;
        if (input.rank() != 3 || input.size(size) != layerConf().getNIn()) {
            throw new IllegalArgumentException(
                    "layer " + name() + " takes sequences with " + layerConf().getNIn() + " values in dimension " + size
                            + ", got " + Arrays.toString(input.shape()));
        }
        return workspaceMgr.leverageTo(where, flat(input.castTo(dataType)));
    }

    @Override
    protected INDArray toInput(INDArray dx, LayerWorkspaceMgr workspaceMgr) {
        return workspaceMgr.dup(ArrayType.ACTIVATION_GRAD, sequence(dx), 'c');
    }

    @Override
    protected ArrayType inputGradientType() {
        return ArrayType.BP_WORKING_MEM;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        return workspaceMgr.dup(ArrayType.ACTIVATIONS, sequence(super.activate(training, workspaceMgr)), 'c');
    }

    @Override
    protected INDArray lossLabels() {
        INDArray labels = super.lossLabels();
        int time = channelsLast() ? 1 : 2;
        if (labels.rank() != 3 || labels.size(time) != input.size(time)) {
            throw new IllegalArgumentException("layer " + name() + ": labels of shape "
                    + Arrays.toString(labels.shape()) + " do not fit sequences of shape "
                    + Arrays.toString(input.shape()));
        }
        return flat(labels);
    }

    @Override
    public void setMaskArray(@Nullable INDArray mask) {
        if (mask == null) {
            super.setMaskArray(null);
        } else if (mask.rank() == 2) {
            super.setMaskArray(mask.dup('c').reshape('c', mask.length(), 1));
        } else {
            super.setMaskArray(flat(mask));
        }
    }

    @Override
    public @Nullable Pair<INDArray, MaskState> feedForwardMaskArray(
            @Nullable INDArray mask, MaskState currentMaskState, int minibatchSize) {
        return null; // as DL4J: nothing comes after it, and the loss looks at the labels' mask
    }

    /** The sum over an example's time steps, [N, 1]. */
    @Override
    public INDArray computeScoreForExamples(double fullNetworkRegScore, LayerWorkspaceMgr workspaceMgr) {
        INDArray steps = super.computeScoreForExamples(0, workspaceMgr);
        long examples = input.size(0);
        INDArray sums = steps.reshape('c', examples, steps.length() / examples).sum(true, 1);
        return workspaceMgr.leverageTo(ArrayType.ACTIVATIONS, sums.addi(fullNetworkRegScore));
    }

    @Override
    public double f1Score(INDArray examples, INDArray exampleLabels) {
        org.nd4j.evaluation.classification.Evaluation evaluation = new org.nd4j.evaluation.classification.Evaluation();
        INDArray output = activate(examples, false, LayerWorkspaceMgr.noWorkspacesImmutable());
        evaluation.eval(flat(exampleLabels), flat(output));
        return evaluation.f1();
    }
}
