package io.lora4j.models.encoder;

import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.GradientNeed;
import io.lora4j.kernel.Dropout;
import io.lora4j.kernel.EncoderKernels;
import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the encoder's vertices have in common: no masks, arrays in DL4J's workspaces, and parameters only if they are given some.
 *
 * <p>{@code doForward} and {@code doBackward} run with DL4J's working memory as the current workspace, so temporaries need no care; what
 * outlives the call is allocated by {@link #activation} and {@link #gradient}. Not thread-safe, as no DL4J vertex is.
 */
abstract class EncoderVertex extends BaseGraphVertex implements GradientNeed {
    private static final long serialVersionUID = 1L;

    /** A vertex's kernels are chosen once. */
    final transient EncoderKernels kernels = EncoderKernels.get();

    private final transient @Nullable VertexParameters parameters;
    private transient boolean @Nullable [] neededInputs;
    private transient @Nullable Boolean soleReader;

    /**
     * @param graph the graph the vertex belongs to
     * @param name the vertex's name
     * @param index the vertex's index
     * @param dataType the network's data type
     */
    EncoderVertex(ComputationGraph graph, String name, int index, DataType dataType) {
        this(graph, name, index, dataType, null);
    }

    /**
     * @param graph the graph the vertex belongs to
     * @param name the vertex's name
     * @param index the vertex's index
     * @param dataType the network's data type
     * @param parameters the vertex's trainable parameters, whose gradients {@link #backward} writes, or null if it has none
     */
    EncoderVertex(
            ComputationGraph graph, String name, int index, DataType dataType, @Nullable VertexParameters parameters) {
        super(graph, name, index, null, null, dataType);
        this.parameters = parameters;
    }

    /**
     * The forward pass.
     *
     * @param training whether a backward pass may follow and dropout is active
     * @param workspaces DL4J's workspaces
     * @return the activations, made by {@link #activation}
     */
    abstract INDArray forward(boolean training, LayerWorkspaceMgr workspaces);

    /**
     * The backward pass.
     *
     * @param epsilon dL/dactivations; read only
     * @param workspaces DL4J's workspaces
     * @return a gradient per input, each an array of its own made by {@link #gradient}; null entries only at the end
     */
    abstract @Nullable INDArray[] backward(INDArray epsilon, LayerWorkspaceMgr workspaces);

    @Override
    public final INDArray doForward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        if (!canDoForward()) {
            throw new IllegalStateException("cannot run vertex " + getVertexName() + ": its inputs are not set");
        }
        return forward(training, workspaceMgr);
    }

    @Override
    public final void setNeededInputs(boolean... inputs) {
        neededInputs = inputs.clone();
    }

    /** Whether anybody reads the gradient of an input. */
    final boolean needsGradient(int input) {
        boolean[] needed = neededInputs;
        return needed == null || needed[input];
    }

    @Override
    public final Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
        if (getEpsilon() == null && neededInputs != null && parameters == null) {
            // Nobody above has computed it, because nothing is trained here or below.
            return new Pair<>(null, new INDArray[inputs.length]);
        }
        if (!canDoBackward()) {
            throw new IllegalStateException(
                    "cannot run vertex " + getVertexName() + " backwards: its inputs or its gradient are not set");
        }
        INDArray[] gradients = backward(getEpsilon(), workspaceMgr);
        for (int i = 0; i < gradients.length; i++) {
            if (!needsGradient(i)) {
                gradients[i] = null;
            }
        }
        return new Pair<>(parameters == null ? null : parameters.gradient(), gradients);
    }

    /** An array [shape] that lives as long as the activations of this pass. */
    final INDArray activation(LayerWorkspaceMgr workspaces, long... shape) {
        return workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, shape, 'c');
    }

    /**
     * Where something of the first input's shape is kept for the backward pass: the first input's own memory if nobody misses it ({@link
     * OverwrittenInput}), else a new array. Whoever writes into the result must be done with the input.
     */
    final INDArray keptOverInput(LayerWorkspaceMgr workspaces) {
        INDArray x = inputs[0];
        Boolean sole = soleReader;
        if (sole == null) {
            sole = OverwrittenInput.hasOneReader(graph, this);
            soleReader = sole;
        }
        return sole && graph.getListeners().isEmpty() && OverwrittenInput.isFree(x, dataType)
                ? x
                : activation(workspaces, x.shape());
    }

    /** An array [shape] for a gradient that is returned. */
    final INDArray gradient(LayerWorkspaceMgr workspaces, long... shape) {
        return workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, shape, 'c');
    }

    /** An array [shape] that is kept for the backward pass in training, a temporary otherwise. */
    final INDArray kept(boolean training, LayerWorkspaceMgr workspaces, long... shape) {
        return training ? activation(workspaces, shape) : Nd4j.createUninitialized(dataType, shape, 'c');
    }

    /**
     * A new dropout mask, whose seed is drawn from {@code Nd4j.getRandom()}.
     *
     * @return the mask, or null where there is nothing to drop
     */
    static @Nullable Dropout dropout(double rate, boolean training) {
        if (!training || rate == 0) {
            return null;
        }
        Random random = Nd4j.getRandom();
        return new Dropout(rate, ((long) random.nextInt() << Integer.SIZE) ^ random.nextInt());
    }

    /** What {@code value} holds, or an error that says that a training forward pass must come first. */
    final <T> T requireKept(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("vertex " + getVertexName()
                    + " kept nothing for a backward pass: run the forward pass in training mode first");
        }
        return value;
    }

    /** What {@code value} holds, or an error that says that the frozen arrays must be bound first. */
    final <T> T requireBound(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("the frozen weights of vertex " + getVertexName()
                    + " are not bound: call FrozenWeights.bindTo(network) after init(), clone() or restoring");
        }
        return value;
    }

    /** The frozen array of this vertex with a given own name, checked. */
    final INDArray frozen(FrozenWeights weights, String name, long... shape) {
        String fullName = getVertexName() + "." + name;
        INDArray array = weights.get(fullName);
        if (!Arrays.equals(array.shape(), shape) || array.dataType() != dataType) {
            throw new IllegalArgumentException("frozen array " + fullName + " is " + array.dataType()
                    + Arrays.toString(array.shape()) + ", the vertex needs " + dataType + Arrays.toString(shape));
        }
        return array;
    }

    /** DL4J's base class takes an array where its interface has varargs; stated once here, the subclasses are free of it. */
    @Override
    @SuppressWarnings("overrides")
    public void setInputs(INDArray... inputs) {
        super.setInputs(inputs);
    }

    @Override
    public boolean hasLayer() {
        return false;
    }

    @Override
    public @Nullable Layer getLayer() {
        return null;
    }

    @Override
    public void setBackpropGradientsViewArray(@Nullable INDArray backpropGradientsViewArray) {
        if (parameters != null && backpropGradientsViewArray != null) {
            parameters.setFlatGradient(backpropGradientsViewArray);
        } else if (backpropGradientsViewArray != null) {
            throw new IllegalArgumentException("vertex " + getVertexName() + " has no trainable parameters");
        }
    }

    /** Checkpoint name to trainable parameter, views; empty if there are none. */
    final Map<String, INDArray> parametersByTensorName() {
        return parameters == null ? Map.of() : parameters.byTensorName();
    }

    @Override
    public Map<String, INDArray> paramTable(boolean backpropOnly) {
        return parameters == null ? Map.of() : parameters.table();
    }

    @Override
    public @Nullable INDArray params() {
        return parameters == null ? null : parameters.flat();
    }

    @Override
    public @Nullable INDArray getGradientsViewArray() {
        return parameters == null ? null : parameters.flatGradient();
    }

    @Override
    public @Nullable TrainingConfig getConfig() {
        return parameters;
    }

    /** The layout is an input, so no DL4J mask goes on from here. */
    @Override
    public @Nullable Pair<INDArray, MaskState> feedForwardMaskArrays(
            INDArray[] maskArrays, MaskState currentMaskState, int minibatchSize) {
        return null;
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "(" + getVertexName() + ")";
    }
}
