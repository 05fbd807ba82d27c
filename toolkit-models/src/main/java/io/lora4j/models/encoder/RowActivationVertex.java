package io.lora4j.models.encoder;

import io.lora4j.adapter.FrozenLinearLayer;
import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Implementation of {@link RowActivation}; keeps the derivative, over its input where nobody misses that, and its output only if somebody reads
 * it again ({@link PassingOutput}).
 */
final class RowActivationVertex extends EncoderVertex {
    private static final long serialVersionUID = 1L;

    /** sqrt(2 / pi). */
    private static final double TANH_SCALE = Math.sqrt(2 / Math.PI);

    private static final double TANH_CUBIC = 0.044715;

    private final HiddenActivation function;
    private final transient PassingOutput ownPassing = new PassingOutput();
    private transient @Nullable PassingOutput passing;
    private transient @Nullable INDArray derivative;

    RowActivationVertex(ComputationGraph graph, String name, int index, DataType dataType, HiddenActivation function) {
        super(graph, name, index, dataType);
        this.function = function;
    }

    @Override
    INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray x = inputs[0];
        INDArray out = training && isPassing(x)
                ? passing().array(dataType, x.size(0), x.size(1))
                : activation(workspaces, x.shape());
        INDArray kept = training ? keptOverInput(workspaces) : null;
        // The compositions here read x to their end.
        boolean apart = kept == x && function != HiddenActivation.GELU;
        INDArray slope = apart ? Nd4j.createUninitialized(dataType, x.shape(), 'c') : kept;
        switch (function) {
            case GELU -> kernels.gelu(x, out, slope);
            case GELU_TANH -> geluTanh(x, out, slope);
            case RELU -> relu(x, out, slope);
            case SILU -> silu(x, out, slope);
        }
        if (apart) {
            x.assign(slope);
        }
        derivative = kept;
        return out;
    }

    /** Whether the output is read once, by a layer that then forgets it, and by no listener and no caller. */
    private boolean isPassing(INDArray x) {
        FrozenLinearLayer reader = PassingOutput.reader(graph, this);
        return reader != null
                && !reader.readsInputAgain()
                && graph.getListeners().isEmpty()
                && x.rank() == 2
                && OverwrittenInput.isFree(x, dataType);
    }

    /** The memory that the graph's activations share: that of the first of them. */
    private PassingOutput passing() {
        PassingOutput known = passing;
        if (known == null) {
            known = Arrays.stream(graph.getVertices())
                    .filter(RowActivationVertex.class::isInstance)
                    .map(each -> ((RowActivationVertex) each).ownPassing)
                    .findFirst()
                    .orElse(ownPassing);
            passing = known;
        }
        return known;
    }

    /**
     * With t = tanh(c (x + k x^3)): y = x (1 + t) / 2, dy/dx = (1 + t) / 2 + x (1 - t^2) c (1 + 3 k x^2) / 2.
     */
    private static void geluTanh(INDArray x, INDArray out, @Nullable INDArray slope) {
        INDArray square = x.mul(x);
        INDArray t = Transforms.tanh(square.mul(TANH_CUBIC).addi(1).muli(x).muli(TANH_SCALE), false);
        if (slope != null) {
            INDArray inner = square.muli(3 * TANH_CUBIC).addi(1).muli(TANH_SCALE);
            t.mul(t, slope);
            slope.rsubi(1).muli(inner).muli(x).addi(t).addi(1).muli(0.5);
        }
        t.addi(1).muli(0.5);
        x.mul(t, out);
    }

    /** y = max(x, 0), dy/dx = 1 where x > 0, else 0, as torch has it. */
    private static void relu(INDArray x, INDArray out, @Nullable INDArray slope) {
        out.assign(Transforms.relu(x, true));
        if (slope != null) {
            slope.assign(x.gt(0).castTo(x.dataType()));
        }
    }

    /** With s = 1 / (1 + exp(-x)): y = x s, dy/dx = s (1 + x (1 - s)). */
    private static void silu(INDArray x, INDArray out, @Nullable INDArray slope) {
        INDArray s = Transforms.sigmoid(x, true);
        x.mul(s, out);
        if (slope != null) {
            s.rsub(1, slope);
            slope.muli(x).addi(1).muli(s);
        }
    }

    @Override
    @Nullable
    INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        INDArray dx = gradient(workspaces, epsilon.shape());
        kernels.geluBackward(epsilon, requireKept(derivative), dx);
        return new INDArray[] {dx};
    }

    @Override
    public void clear() {
        super.clear();
        derivative = null;
    }
}
