package io.lora4j.models.encoder;

import io.lora4j.adapter.FrozenLinear;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The blocks from which an {@link EncoderFamily} builds its graph. Every method adds a vertex, or a layer, under the name it is given and
 * returns that name. Encoder layers are frozen or trainable, as the graph is; the family does not see the difference. Head layers are
 * always trainable and start from the head's seed.
 *
 * <p>Beside the graph it notes the arrays that each block needs from a checkpoint ({@link EncoderTensors}). Not thread-safe.
 */
public final class EncoderBuilder {
    private final EncoderConfig config;
    private final boolean trainable;
    private final int outputs;
    private final boolean firstRowsOnly;
    private final SplittableRandom headSeeds;
    private final long headSeed;
    private final GraphBuilder builder;
    private final Map<String, TensorSpec> arrays = new LinkedHashMap<>();

    EncoderBuilder(EncoderConfig config, DataType dataType, boolean trainable, int outputs, long headSeed) {
        this(config, dataType, trainable, outputs, headSeed, false);
    }

    /**
     * @param firstRowsOnly whether of the last layer's output nothing but the first rows is read
     */
    EncoderBuilder(
            EncoderConfig config,
            DataType dataType,
            boolean trainable,
            int outputs,
            long headSeed,
            boolean firstRowsOnly) {
        if (dataType != DataType.FLOAT && dataType != DataType.DOUBLE) {
            throw new IllegalArgumentException("the encoder computes in FLOAT or DOUBLE, not " + dataType);
        }
        this.config = config;
        this.trainable = trainable;
        this.outputs = outputs;
        this.firstRowsOnly = firstRowsOnly;
        this.headSeed = headSeed;
        this.headSeeds = new SplittableRandom(headSeed);
        this.builder = new NeuralNetConfiguration.Builder()
                .dataType(dataType)
                .trainingWorkspaceMode(WorkspaceMode.ENABLED)
                .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
                .graphBuilder();
    }

    /**
     * The encoder's shape.
     *
     * @return the configuration that is built
     */
    public EncoderConfig config() {
        return config;
    }

    /**
     * Embedding tables, which unpack the graph's inputs to rows; without normalisation.
     *
     * @param name the vertex
     * @param rows sizes and rules
     * @return {@code name}, rows [N, columns of the tables]
     */
    public String embeddings(String name, EmbeddingRows rows) {
        builder.addVertex(
                name,
                trainable ? new TrainableEmbeddingRows(rows) : rows,
                EncoderGraph.INPUT_IDS,
                EncoderGraph.TOKEN_TYPE_IDS,
                EncoderGraph.LAYOUT);
        rows.tables().forEach((tensor, shape) -> note(name + "." + tensor, shape, false));
        return name;
    }

    /**
     * Layer normalisation: norm(dropout(inputs[0]) + inputs[1]), or norm(dropout(inputs[0])), with the configuration's epsilon.
     *
     * @param name the vertex
     * @param size columns of a row
     * @param inputDropout rate before the sum
     * @param outputDropout rate after the normalisation
     * @param inputs one or two vertices of rows [N, size]
     * @return {@code name}, rows [N, size]
     */
    public String norm(String name, int size, double inputDropout, double outputDropout, String... inputs) {
        ResidualLayerNorm norm = new ResidualLayerNorm(size, config.layerNormEps(), inputDropout, outputDropout);
        builder.addVertex(name, trainable ? new TrainableResidualLayerNorm(norm) : norm, inputs);
        note(name + ".weight", List.of((long) size), false);
        note(name + ".bias", List.of((long) size), false);
        return name;
    }

    /**
     * A pre-trained linear map, which an adapter can be put beside.
     *
     * @param name the layer
     * @param in columns of the input
     * @param out columns of the output
     * @param input a vertex of rows [N, in]
     * @return {@code name}, rows [N, out]
     */
    public String linear(String name, int in, int out, String input) {
        return linear(name, in, out, Activation.IDENTITY, input);
    }

    /**
     * A pre-trained linear map with an activation function.
     *
     * @param name the layer
     * @param in columns of the input
     * @param out columns of the output
     * @param activation DL4J's function
     * @param input a vertex of rows [N, in]
     * @return {@code name}, rows [N, out]
     */
    public String linear(String name, int in, int out, Activation activation, String input) {
        Layer layer = trainable
                ? TrainableLinear.builder()
                        .nIn(in)
                        .nOut(out)
                        .activation(activation)
                        .build()
                : FrozenLinear.builder()
                        .nIn(in)
                        .nOut(out)
                        .activation(activation)
                        .build();
        builder.addLayer(name, layer, input);
        noteLinear(name, in, out);
        return name;
    }

    /**
     * The rows that go through a layer from its input to its output, for its query and its residual sum; keys and values need all rows. In the
     * last layer of a graph that reads nothing but the first rows of its output these are the first rows [B, H], else all of them.
     *
     * @param layer number of the layer, from 0
     * @param rows the layer's input, a vertex of rows [N, H]
     * @return {@code rows}, or the vertex {@link EncoderGraph#FIRST_ROWS}, which this adds
     */
    public String passing(int layer, String rows) {
        if (!passesFirstRowsOnly(layer)) {
            return rows;
        }
        builder.addVertex(EncoderGraph.FIRST_ROWS, new FirstRows(), rows, EncoderGraph.LAYOUT);
        return EncoderGraph.FIRST_ROWS;
    }

    private boolean passesFirstRowsOnly(int layer) {
        return firstRowsOnly && layer == config.layers() - 1;
    }

    /**
     * Multi-head self-attention with the configuration's heads and dropout.
     *
     * @param name the vertex
     * @param layer number of the layer, from 0
     * @param query a vertex of rows, made of {@link #passing}
     * @param key a vertex of rows [N, H]
     * @param value likewise
     * @return {@code name}, context rows, as many as the query's
     */
    public String attention(String name, int layer, String query, String key, String value) {
        builder.addVertex(
                name,
                new SelfAttention(config.heads(), config.attentionDropout(), passesFirstRowsOnly(layer)),
                query,
                key,
                value,
                EncoderGraph.LAYOUT);
        return name;
    }

    /**
     * An activation function on its own.
     *
     * @param name the vertex
     * @param function which
     * @param input a vertex of rows
     * @return {@code name}
     */
    public String activation(String name, HiddenActivation function, String input) {
        builder.addVertex(name, new RowActivation(function), input);
        return name;
    }

    /**
     * Dropout with the configuration's rate for heads.
     *
     * @param name the vertex
     * @param input a vertex of vectors
     * @return {@code name}
     */
    public String headDropout(String name, String input) {
        builder.addVertex(name, new RowDropout(config.classifierDropout()), input);
        return name;
    }

    /**
     * A new linear layer of the head: DL4J's own {@code DenseLayer} [H, H], parameters {@code W} and {@code b}, trained in every graph.
     * Weights ~ N(0, initializerRange^2) from a seed that follows from the head's seed and the layer's place, bias 0.
     *
     * @param name the layer
     * @param activation DL4J's function
     * @param input a vertex of vectors [B, H]
     * @return {@code name}, [B, H]
     */
    public String headLinear(String name, Activation activation, String input) {
        int h = config.hiddenSize();
        builder.addLayer(
                name,
                new DenseLayer.Builder()
                        .nIn(h)
                        .nOut(h)
                        .activation(activation)
                        .weightInit(newWeights(headSeeds.nextLong()))
                        .biasInit(0)
                        .build(),
                input);
        noteLinear(name, h, h);
        return name;
    }

    /**
     * The last layer of the head: DL4J's own {@code OutputLayer} [H, outputs], parameters {@code W} and {@code b}. Of two or more outputs softmax
     * with cross-entropy; of one the identity with the squared error (p - t)^2, whose mean over the examples is the score and whose gradient is
     * 2 (p - t) (DL4J's {@code LossMSE}, which divides by the number of outputs; torch's {@code MSELoss}). Weights ~ N(0, initializerRange^2) from
     * the head's seed itself, bias 0.
     *
     * @param name the layer
     * @param input a vertex of vectors [B, H]
     */
    public void output(String name, String input) {
        builder.addLayer(
                name,
                new OutputLayer.Builder(outputs == 1 ? LossFunction.MSE : LossFunction.MCXENT)
                        .nIn(config.hiddenSize())
                        .nOut(outputs)
                        .activation(outputs == 1 ? Activation.IDENTITY : Activation.SOFTMAX)
                        .weightInit(newWeights(headSeed))
                        .biasInit(0)
                        .build(),
                input);
        builder.setOutputs(name);
        noteLinear(name, config.hiddenSize(), outputs);
    }

    private IWeightInit newWeights(long seed) {
        return new SeededNormal(seed, config.initializerRange());
    }

    int outputs() {
        return outputs;
    }

    /** One vector per sequence. */
    String pooling(Pooling pooling, String rows) {
        builder.addVertex(EncoderGraph.POOLING, new SequencePooling(pooling, firstRowsOnly), rows, EncoderGraph.LAYOUT);
        return EncoderGraph.POOLING;
    }

    void inputs(String... names) {
        builder.addInputs(names);
    }

    ComputationGraphConfiguration build(String... outputs) {
        if (outputs.length > 0) {
            builder.setOutputs(outputs);
        }
        return builder.build();
    }

    private void noteLinear(String name, long in, long out) {
        note(name + ".weight", List.of(out, in), true);
        note(name + ".bias", List.of(out), false);
    }

    private void note(String tensor, List<Long> shape, boolean linear) {
        arrays.put(tensor, new TensorSpec(shape, linear));
    }

    /** What was noted so far, by full name in the order of the graph. */
    Map<String, TensorSpec> arrays() {
        return new LinkedHashMap<>(arrays);
    }
}
