package io.lora4j.models.encoder;

import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.LoraLinear;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A pre-trained encoder of any {@link EncoderFamily} as a DL4J graph configuration on packed rows.
 *
 * <p>Inputs in order: {@link #LAYOUT} [B, T], {@link #INPUT_IDS} [B, T], {@link #TOKEN_TYPE_IDS} [B, T]; the layout is first because
 * DL4J's updater divides by the rows of the first input. Families without token types take the third input and do not look at it. All
 * linear maps are {@link FrozenLinear} layers, which {@link io.lora4j.adapter.AdapterInjector} can turn into adapted ones, and only the head
 * is trainable; in {@link #trainableClassifier} everything is, and there is nothing to adapt. Vertices are named as Hugging Face names the
 * family's modules.
 *
 * <p>A classifier of the first token ({@link Pooling#CLS}, {@link Pooling#FIRST_TOKEN}) reads one row per sequence of the last layer's output.
 * There the query, the output of attention, both feed-forward maps and both normalisations are computed for these B rows alone, keys and values for
 * all; the function and every gradient are those of the whole graph. With dropout its masks are those of B rows.
 *
 * <p>The head is what is new for a task, and what an adapter's {@code modules_to_save} must hold beside the factors ({@link #headLayers}).
 * PEFT saves {@code classifier} and {@code score} of its own accord for sequence classification; that covers every head layer but DistilBERT's
 * {@code pre_classifier}, which PEFT would leave at random values and which is trained and named here.
 */
public final class EncoderGraph {
    /** Name of the first input: 1 for a token, 0 for padding. */
    public static final String LAYOUT = "layout";
    /** Name of the second input. */
    public static final String INPUT_IDS = "input_ids";
    /** Name of the third input. */
    public static final String TOKEN_TYPE_IDS = "token_type_ids";
    /** Name of the vertex that makes one vector of a sequence's rows; the only input of {@link #head}. */
    public static final String POOLING = "pooling";

    /** Name of the vertex with the first rows of the last layer's input, in graphs that read nothing else of its output. */
    public static final String FIRST_ROWS = "first_rows";

    /** Name of the output layer wherever the head is not the family's own. */
    private static final String CLASSIFIER = "classifier";

    private EncoderGraph() {}

    /**
     * A sequence classifier: encoder, pooling, and a trainable head that ends in softmax with the cross-entropy loss; with one output a regression,
     * whose head ends in that number with the squared error as loss, as Hugging Face's sequence classifiers do with {@code num_labels=1}.
     *
     * <p>With {@link Pooling#CLS} the head is the family's own; otherwise it is dropout and one linear layer named {@code classifier}. Its
     * layers are DL4J's own (parameters {@code W} [in, out] and {@code b}). The loss clips probabilities to [1e-10, 1 - 1e-10] in the score
     * only, never in the gradient. Set the updater on the result, e.g. through {@code LayerVertex}.
     *
     * @param config the encoder's shape and dropout rates ({@link EncoderConfig#withDropout} changes them)
     * @param pooling how a sequence becomes a vector
     * @param outputs number of classes, at least 2; 1 for a regression
     * @param dataType FLOAT or DOUBLE
     * @param headSeed seed of the head's weights ~ N(0, initializerRange^2), see {@link SeededNormal}; its biases are 0
     * @return a configuration for {@code new ComputationGraph(...)}, output [B, outputs]
     */
    public static ComputationGraphConfiguration classifier(
            EncoderConfig config, Pooling pooling, int outputs, DataType dataType, long headSeed) {
        return classify(builder(config, pooling, outputs, dataType, headSeed, false), pooling);
    }

    /**
     * The classifier of {@link #classifier} with every row of every layer computed: the same outputs and gradients for more work. For what
     * looks at the inputs of layers themselves, as EVA does ({@link io.lora4j.init.InputMomentsEstimator}): in {@link #classifier} the last
     * layer's maps see the first tokens only, which is not the distribution that the method means.
     *
     * @param config the encoder's shape and dropout rates
     * @param pooling how a sequence becomes a vector
     * @param outputs number of classes, at least 2; 1 for a regression
     * @param dataType FLOAT or DOUBLE
     * @param headSeed seed of the head's weights, as in {@link #classifier}
     * @return a configuration for {@code new ComputationGraph(...)}, output [B, outputs]
     */
    public static ComputationGraphConfiguration classifierOfAllRows(
            EncoderConfig config, Pooling pooling, int outputs, DataType dataType, long headSeed) {
        return classify(new EncoderBuilder(config, dataType, false, outputs, headSeed), pooling);
    }

    private static EncoderBuilder builder(
            EncoderConfig config, Pooling pooling, int outputs, DataType dataType, long headSeed, boolean trainable) {
        return new EncoderBuilder(config, dataType, trainable, outputs, headSeed, pooling != Pooling.MEAN);
    }

    /**
     * The same classifier with every parameter trainable: what full fine-tuning trains. Same inputs, vertex names, kernels and head as
     * {@link #classifier}; embeddings, layer normalisations and linear maps are in DL4J's parameter table instead of outside it.
     *
     * <pre>{@code
     * ComputationGraphConfiguration conf = EncoderGraph.trainableClassifier(config, Pooling.CLS, 2, DataType.FLOAT, seed);
     * new GroupedOptimizer(new AdamW(2e-5), 0.01, new UniformGroups(false)).applyTo(conf);
     * ComputationGraph graph = new ComputationGraph(conf);
     * graph.init();
     * TrainableWeights.copyInto(graph, weights);
     * }</pre>
     *
     * <p>Parameters: {@code W} [in, out] and {@code b} [out] of linear maps, {@code weight} and {@code bias} [H] of normalisations, {@code
     * word}, {@code position} and {@code type} of the embeddings. They are NaN until {@link TrainableWeights#copyInto}; a clone or
     * a graph restored by {@code ModelSerializer} is complete. DL4J's {@code numParams()} counts layers only: {@code
     * graph.params().length()} is the number of trainable scalars.
     *
     * <p>Memory for P parameters of 4 bytes: 4P for the parameters, 4P for DL4J's flat gradient, which is dense also for the word table,
     * though a batch touches few of its rows, and 8P for AdamW's averages: 16P, that is 0.36 GB for the 22.7 million of
     * MiniLM-L6 (half of them in the word table) and 1.75 GB for BERT-base's 109 million. A trainer that accumulates micro-batches holds one more
     * gradient of 4P.
     *
     * @param config the encoder's shape and dropout rates
     * @param pooling how a sequence becomes a vector
     * @param outputs number of classes, at least 2; 1 for a regression
     * @param dataType FLOAT or DOUBLE
     * @param headSeed seed of the head's weights, as in {@link #classifier}
     * @return a configuration for {@code new ComputationGraph(...)}, output [B, outputs]
     */
    public static ComputationGraphConfiguration trainableClassifier(
            EncoderConfig config, Pooling pooling, int outputs, DataType dataType, long headSeed) {
        return classify(builder(config, pooling, outputs, dataType, headSeed, true), pooling);
    }

    /** Encoder, pooling and head, by a builder that knows which rows are read. */
    static ComputationGraphConfiguration classify(EncoderBuilder graph, Pooling pooling) {
        graph.inputs(LAYOUT, INPUT_IDS, TOKEN_TYPE_IDS);
        String rows = graph.config().family().encode(graph);
        head(graph, pooling, pool(graph, rows, pooling));
        return graph.build();
    }

    /**
     * The head of {@link #classifier} alone, with the same initial weights: a classifier of vectors that were computed before, such as the
     * second output of {@link #encoder}.
     *
     * @param config the encoder's shape and dropout rates
     * @param pooling how the vectors were made
     * @param outputs number of classes, at least 2; 1 for a regression
     * @param dataType FLOAT or DOUBLE
     * @param headSeed seed of the head's weights, as in {@link #classifier}
     * @return a configuration with one input, vectors [B, H], and the output [B, outputs]
     */
    public static ComputationGraphConfiguration head(
            EncoderConfig config, Pooling pooling, int outputs, DataType dataType, long headSeed) {
        EncoderBuilder graph = new EncoderBuilder(config, dataType, false, outputs, headSeed);
        graph.inputs(POOLING);
        head(graph, pooling, POOLING);
        return graph.build();
    }

    /**
     * The bare encoder with the family's own pooling ({@link Pooling#CLS}), for inference.
     *
     * @param config the encoder's shape
     * @param dataType FLOAT or DOUBLE
     * @return a configuration with two outputs: the last hidden rows [N, H] and the pooled vectors [B, H]
     */
    public static ComputationGraphConfiguration encoder(EncoderConfig config, DataType dataType) {
        return encoder(config, Pooling.CLS, dataType);
    }

    /**
     * The bare encoder, for inference.
     *
     * @param config the encoder's shape
     * @param pooling how a sequence becomes a vector
     * @param dataType FLOAT or DOUBLE
     * @return a configuration with two outputs: the last hidden rows [N, H] and the vectors that the head takes, [B, H]
     */
    public static ComputationGraphConfiguration encoder(EncoderConfig config, Pooling pooling, DataType dataType) {
        EncoderBuilder graph = new EncoderBuilder(config, dataType, false, 2, 0);
        graph.inputs(LAYOUT, INPUT_IDS, TOKEN_TYPE_IDS);
        String rows = config.family().encode(graph);
        return graph.build(rows, pool(graph, rows, pooling));
    }

    /**
     * The layers of a classifier's head, from the vectors to the logits: what is trained beside adapters, and what must be saved with them.
     *
     * @param classifier a configuration made here, adapted or not
     * @return layer names; the last is the output layer
     */
    public static List<String> headLayers(ComputationGraphConfiguration classifier) {
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, GraphVertex> vertex : classifier.getVertices().entrySet()) {
            if (vertex.getValue() instanceof LayerVertex layer
                    && layer.getLayerConf().getLayer() instanceof FeedForwardLayer own
                    && !(own instanceof FrozenLinear)
                    && !(own instanceof LoraLinear)
                    && !(own instanceof TrainableLinear)) {
                names.add(vertex.getKey());
            }
        }
        return names;
    }

    /**
     * The output layer of a classifier.
     *
     * @param classifier a configuration made here, adapted or not
     * @return the name of the last head layer
     */
    public static String outputLayer(ComputationGraphConfiguration classifier) {
        return classifier.getNetworkOutputs().get(0);
    }

    /**
     * The output layer of any classifier of an encoder.
     *
     * @param config the encoder's shape
     * @param pooling how a sequence becomes a vector
     * @return the name of the last head layer
     */
    public static String outputLayer(EncoderConfig config, Pooling pooling) {
        return outputLayer(head(config, pooling, 2, DataType.FLOAT, 0));
    }

    private static String pool(EncoderBuilder graph, String rows, Pooling pooling) {
        String vectors = graph.pooling(pooling, rows);
        return pooling == Pooling.CLS ? graph.config().family().pool(graph, vectors) : vectors;
    }

    private static void head(EncoderBuilder graph, Pooling pooling, String vectors) {
        if (graph.outputs() < 1) {
            throw new IllegalArgumentException("a head needs an output: " + graph.outputs());
        }
        if (pooling == Pooling.CLS) {
            graph.config().family().head(graph, vectors);
        } else {
            graph.output(CLASSIFIER, graph.headDropout("dropout", vectors));
        }
    }
}
