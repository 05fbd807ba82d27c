package io.lora4j.network;

import io.lora4j.adapter.LoraLinearLayer;
import io.lora4j.adapter.LoraParamInitializer;
import io.lora4j.adapter.WeightBackward;
import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scatter.ScatterUpdate.UpdateOp;
import org.nd4j.linalg.factory.Broadcast;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An adapter over DL4J's EmbeddingLayer and EmbeddingSequenceLayer: z_i = W[k_i] + b + s A[k_i] B for the i-th index k_i, W and A
 * [vocabulary, .], B [r, out].
 *
 * <p>Source: PEFT, lora/layer.py, class Embedding: A starts at zero and B normal, and there is no dropout. Nothing can stand below the
 * layer: dL/dx is null.
 */
public class LoraEmbeddingLayer extends LoraLinearLayer {
    private static final long serialVersionUID = 1L;
    private static final int[] ROWS = {1};

    private transient int[] indexes = {};

    /**
     * @param conf the configuration whose layer is a {@link LoraWrapper} over an embedding
     * @param dataType the network's data type
     */
    public LoraEmbeddingLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    private FeedForwardLayer base() {
        return ((LoraWrapper) layerConf()).getBase();
    }

    /** NWC or NCW for sequences, null for single indices. */
    private @Nullable RNNFormat format() {
        return base() instanceof EmbeddingSequenceLayer sequence ? sequence.getOutputFormat() : null;
    }

    @Override
    public Type type() {
        return format() == null ? Type.FEED_FORWARD : Type.RECURRENT;
    }

    @Override
    protected INDArray rows(ArrayType where, LayerWorkspaceMgr workspaceMgr) {
        boolean sequence = format() != null;
        boolean fits = sequence
                ? input.rank() == 2 || (input.rank() == 3 && input.size(1) == 1)
                : input.rank() <= 2 && input.length() == input.size(input.isRowVector() ? input.rank() - 1 : 0);
        if (!fits) {
            throw new IllegalArgumentException("layer " + name() + " takes indices of shape "
                    + (sequence ? "[N, T] or [N, 1, T]" : "[N, 1]") + ", got " + Arrays.toString(input.shape()));
        }
        indexes = input.dup('c').data().asInt();
        for (int index : indexes) {
            if (index < 0 || index >= layerConf().getNIn()) {
                throw new IllegalArgumentException("layer " + name() + ": index " + index + " is not in 0 to "
                        + (layerConf().getNIn() - 1));
            }
        }
        return Nd4j.createFromArray(indexes);
    }

    @Override
    protected void multiply(INDArray x, INDArray w, INDArray z) {
        Nd4j.pullRows(w, z, 1, indexes);
    }

    @Override
    protected void addAdapter(
            INDArray x, INDArray z, @Nullable INDArray bias, boolean training, LayerWorkspaceMgr workspaceMgr) {
        if (!isAdapterEnabled()) {
            addBias(bias, z);
        } else {
            INDArray t = workspaceMgr.createUninitialized(
                    kept(training), dataType, new long[] {x.size(0), config().getRank()}, 'c');
            Nd4j.pullRows(loraA(), t, 1, indexes);
            addProjected(t, z, bias, training, workspaceMgr);
        }
    }

    @Override
    protected INDArray fromRows(INDArray z, LayerWorkspaceMgr workspaceMgr) {
        RNNFormat format = format();
        if (format == null) {
            return z;
        }
        long examples = input.size(0);
        INDArray sequence = z.reshape('c', examples, z.size(0) / examples, z.size(1));
        return format == RNNFormat.NWC
                ? sequence
                : workspaceMgr.dup(ArrayType.ACTIVATIONS, sequence.permute(0, 2, 1), 'c');
    }

    @Override
    protected INDArray toRows(INDArray delta, LayerWorkspaceMgr workspaceMgr) {
        RNNFormat format = format();
        if (format == null) {
            return delta;
        }
        INDArray sequence = format == RNNFormat.NWC ? delta : delta.permute(0, 2, 1);
        return workspaceMgr
                .dup(ArrayType.BP_WORKING_MEM, sequence.castTo(dataType), 'c')
                .reshape('c', indexes.length, layerConf().getNOut());
    }

    @Override
    protected @Nullable INDArray backpropRows(
            INDArray x, INDArray delta, Gradient gradient, LayerWorkspaceMgr workspaceMgr) {
        INDArray u = backpropB(delta, gradient, workspaceMgr);
        INDArray dA = Objects.requireNonNull(gradientViews.get(LoraParamInitializer.LORA_A));
        scatterAdd(dA.assign(0.0), indexes, u);
        gradient.setGradientFor(LoraParamInitializer.LORA_A, dA);
        return null;
    }

    @SuppressWarnings("deprecation") // what DL4J's own embedding calls; its successor copies the whole matrix
    private static void scatterAdd(INDArray sum, int[] indexes, INDArray rows) {
        Nd4j.scatterUpdate(UpdateOp.ADD, sum, Nd4j.createFromArray(indexes), rows, ROWS);
    }

    @Override
    protected WeightBackward pass(INDArray x, INDArray delta) {
        return new Lookup(name(), indexes, delta);
    }

    @Override
    protected void applyMask(INDArray to) {
        INDArray mask = Objects.requireNonNull(maskArray).castTo(to.dataType());
        RNNFormat format = format();
        if (format == null) {
            to.muliColumnVector(mask);
        } else {
            Broadcast.mul(to, mask, to, format == RNNFormat.NCW ? new int[] {0, 2} : new int[] {0, 1});
        }
    }

    private static final class Lookup implements WeightBackward {
        private final String layer;
        private final int[] indexes;
        private final INDArray delta;

        Lookup(String layer, int[] indexes, INDArray delta) {
            this.layer = layer;
            this.indexes = indexes;
            this.delta = delta;
        }

        @Override
        public String layer() {
            return layer;
        }

        @Override
        public INDArray delta() {
            return delta;
        }

        @Override
        public INDArray input() {
            throw new UnsupportedOperationException(
                    "layer " + layer
                            + " is an embedding: it looks rows up and has no matrix of inputs, so this method cannot be used on it");
        }

        @Override
        public void addTo(INDArray sum) {
            scatterAdd(sum, indexes, delta.castTo(sum.dataType()));
        }
    }
}
