package io.lora4j.models.bert;

import io.lora4j.adapter.FrozenLinear;
import java.util.Locale;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The BERT encoder (Devlin et al., arXiv 1810.04805; Hugging Face {@code BertModel} and {@code BertForSequenceClassification}) as a
 * DL4J graph configuration on packed rows.
 *
 * <p>Inputs in order: {@link #LAYOUT} [B, T], {@link #INPUT_IDS} [B, T], {@link #TOKEN_TYPE_IDS} [B, T]; the layout is first because
 * DL4J's updater divides by the rows of the first input. All linear maps are {@link FrozenLinear} layers, which {@link
 * io.lora4j.adapter.AdapterInjector} can turn into adapted ones, and only the classifier is trainable; in {@link #trainableClassifier}
 * everything is, and there is nothing to adapt. Per layer i, with prefix {@code
 * bert.encoder.layer.i.}:
 *
 * <pre>
 * attention.self.query|key|value      linear   rows -> rows
 * attention.self                      softmax(Q K^T / sqrt d) V per head and sequence
 * attention.output.dense              linear
 * attention.output.LayerNorm          norm(dropout(dense) + rows)
 * intermediate.dense, intermediate    linear [H, F], GELU
 * output.dense                        linear [F, H]
 * output.LayerNorm                    norm(dropout(dense) + attention.output.LayerNorm)
 * </pre>
 */
public final class BertGraph {
    /** Name of the first input: 1 for a token, 0 for padding. */
    public static final String LAYOUT = "layout";
    /** Name of the second input. */
    public static final String INPUT_IDS = "input_ids";
    /** Name of the third input. */
    public static final String TOKEN_TYPE_IDS = "token_type_ids";
    /** Name of the output layer of a classifier. */
    public static final String CLASSIFIER = "classifier";
    /** Name of the vertex that makes one vector of a sequence's rows. */
    public static final String POOLING = "bert.pooling";
    /** Name of the dense layer after {@link Pooling#CLS}. */
    public static final String POOLER = "bert.pooler.dense";

    private static final String EMBEDDINGS = "bert.embeddings";

    private final BertConfig config;
    private final boolean trainable;
    private final GraphBuilder builder;

    private BertGraph(BertConfig config, DataType dataType, boolean trainable) {
        if (dataType != DataType.FLOAT && dataType != DataType.DOUBLE) {
            throw new IllegalArgumentException("the encoder computes in FLOAT or DOUBLE, not " + dataType);
        }
        this.config = config;
        this.trainable = trainable;
        this.builder = new NeuralNetConfiguration.Builder()
                .dataType(dataType)
                .trainingWorkspaceMode(WorkspaceMode.ENABLED)
                .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
                .graphBuilder()
                .addInputs(LAYOUT, INPUT_IDS, TOKEN_TYPE_IDS);
    }

    /**
     * A sequence classifier: encoder, pooling, dropout, and a trainable softmax layer with the cross-entropy loss.
     *
     * <p>The output layer is DL4J's own ({@code classifier}, parameters {@code W} [H, labels] and {@code b}). Its loss clips
     * probabilities to [1e-10, 1 - 1e-10] in the score only, never in the gradient. Set its updater on the result, e.g. through {@code
     * LayerVertex}.
     *
     * @param config the encoder's shape and dropout rates ({@link BertConfig#withDropout} changes them)
     * @param pooling how a sequence becomes a vector
     * @param labels number of classes, at least 2
     * @param dataType FLOAT or DOUBLE
     * @param headSeed seed of the classifier's weights ~ N(0, initializerRange^2), see {@link SeededNormal}; its bias is 0
     * @return a configuration for {@code new ComputationGraph(...)}, output [B, labels]
     */
    public static ComputationGraphConfiguration classifier(
            BertConfig config, Pooling pooling, int labels, DataType dataType, long headSeed) {
        return new BertGraph(config, dataType, false).classify(pooling, labels, headSeed);
    }

    /**
     * The same classifier with every parameter trainable: what full fine-tuning trains. Same inputs, vertex names, kernels and head as
     * {@link #classifier}; embeddings, layer normalisations and linear maps are in DL4J's parameter table instead of outside it.
     *
     * <pre>{@code
     * ComputationGraphConfiguration conf = BertGraph.trainableClassifier(config, Pooling.CLS, 2, DataType.FLOAT, seed);
     * new GroupedOptimizer(new AdamW(2e-5), 0.01, new UniformGroups(false)).applyTo(conf);
     * ComputationGraph graph = new ComputationGraph(conf);
     * graph.init();
     * TrainableWeights.copyInto(graph, weights);
     * }</pre>
     *
     * <p>Parameters: {@code W} [in, out] and {@code b} [out] of linear maps, {@code weight} and {@code bias} [H] of normalisations, {@code
     * word}, {@code position} and {@code type} of {@code bert.embeddings}. They are NaN until {@link TrainableWeights#copyInto}; a clone or
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
     * @param labels number of classes, at least 2
     * @param dataType FLOAT or DOUBLE
     * @param headSeed seed of the classifier's weights, as in {@link #classifier}
     * @return a configuration for {@code new ComputationGraph(...)}, output [B, labels]
     */
    public static ComputationGraphConfiguration trainableClassifier(
            BertConfig config, Pooling pooling, int labels, DataType dataType, long headSeed) {
        return new BertGraph(config, dataType, true).classify(pooling, labels, headSeed);
    }

    private ComputationGraphConfiguration classify(Pooling pooling, int labels, long headSeed) {
        if (labels < 2) {
            throw new IllegalArgumentException("a classifier needs at least 2 labels: " + labels);
        }
        String pooled = pool(encode(), pooling);
        builder.addVertex("dropout", new RowDropout(config.classifierDropout()), pooled)
                .addLayer(
                        CLASSIFIER,
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(config.hiddenSize())
                                .nOut(labels)
                                .activation(Activation.SOFTMAX)
                                .weightInit(new SeededNormal(headSeed, config.initializerRange()))
                                .biasInit(0)
                                .build(),
                        "dropout")
                .setOutputs(CLASSIFIER);
        return builder.build();
    }

    /**
     * The bare encoder with BERT's pooler ({@link Pooling#CLS}), for inference.
     *
     * @param config the encoder's shape
     * @param dataType FLOAT or DOUBLE
     * @return a configuration with two outputs: the last hidden rows [N, H] and the pooled vectors [B, H]
     */
    public static ComputationGraphConfiguration encoder(BertConfig config, DataType dataType) {
        return encoder(config, Pooling.CLS, dataType);
    }

    /**
     * The bare encoder, for inference.
     *
     * @param config the encoder's shape
     * @param pooling how a sequence becomes a vector
     * @param dataType FLOAT or DOUBLE
     * @return a configuration with two outputs: the last hidden rows [N, H] and the pooled vectors [B, H]
     */
    public static ComputationGraphConfiguration encoder(BertConfig config, Pooling pooling, DataType dataType) {
        BertGraph graph = new BertGraph(config, dataType, false);
        String rows = graph.encode();
        graph.builder.setOutputs(rows, graph.pool(rows, pooling));
        return graph.builder.build();
    }

    private String encode() {
        EmbeddingRows embeddings = new EmbeddingRows(
                config.vocabSize(), config.hiddenSize(), config.maxPositions(), config.typeVocabSize());
        GraphVertex vertex = trainable ? new TrainableEmbeddingRows(embeddings) : embeddings;
        builder.addVertex(EMBEDDINGS, vertex, INPUT_IDS, TOKEN_TYPE_IDS, LAYOUT);
        String rows = norm(EMBEDDINGS + ".LayerNorm", 0, config.hiddenDropout(), EMBEDDINGS);
        for (int i = 0; i < config.layers(); i++) {
            rows = layer(String.format(Locale.ROOT, "bert.encoder.layer.%d.", i), rows);
        }
        return rows;
    }

    private String layer(String prefix, String rows) {
        int h = config.hiddenSize();
        String self = prefix + "attention.self";
        builder.addVertex(
                self,
                new SelfAttention(config.heads(), config.attentionDropout()),
                linear(self + ".query", h, h, rows),
                linear(self + ".key", h, h, rows),
                linear(self + ".value", h, h, rows),
                LAYOUT);
        String context = linear(prefix + "attention.output.dense", h, h, self);
        String attended = norm(prefix + "attention.output.LayerNorm", config.hiddenDropout(), 0, context, rows);

        String inner = linear(prefix + "intermediate.dense", h, config.intermediateSize(), attended);
        builder.addVertex(prefix + "intermediate", new Gelu(), inner);
        String outer = linear(prefix + "output.dense", config.intermediateSize(), h, prefix + "intermediate");
        return norm(prefix + "output.LayerNorm", config.hiddenDropout(), 0, outer, attended);
    }

    private String pool(String rows, Pooling pooling) {
        builder.addVertex(POOLING, new SequencePooling(pooling), rows, LAYOUT);
        if (pooling == Pooling.MEAN) {
            return POOLING;
        }
        return linear(POOLER, config.hiddenSize(), config.hiddenSize(), Activation.TANH, POOLING);
    }

    private String norm(String name, double inputDropout, double outputDropout, String... inputs) {
        ResidualLayerNorm norm =
                new ResidualLayerNorm(config.hiddenSize(), config.layerNormEps(), inputDropout, outputDropout);
        builder.addVertex(name, trainable ? new TrainableResidualLayerNorm(norm) : norm, inputs);
        return name;
    }

    private String linear(String name, int in, int out, String input) {
        return linear(name, in, out, Activation.IDENTITY, input);
    }

    private String linear(String name, int in, int out, Activation activation, String input) {
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
        return name;
    }
}
