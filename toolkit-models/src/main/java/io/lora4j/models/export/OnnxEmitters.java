package io.lora4j.models.export;

import static io.lora4j.models.export.OnnxGraphWriter.integer;
import static io.lora4j.models.export.OnnxGraphWriter.integers;
import static io.lora4j.models.export.OnnxGraphWriter.real;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenLinear;
import io.lora4j.error.UserException;
import io.lora4j.models.encoder.EmbeddingRows;
import io.lora4j.models.encoder.FirstRows;
import io.lora4j.models.encoder.HiddenActivation;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.encoder.ResidualLayerNorm;
import io.lora4j.models.encoder.RowActivation;
import io.lora4j.models.encoder.RowDropout;
import io.lora4j.models.encoder.SelfAttention;
import io.lora4j.models.encoder.SequencePooling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.TensorProto;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What each kind of vertex is in ONNX: one emitter per class, in one table. A new kind of vertex needs one line here, a new family of encoders
 * none.
 *
 * <p>The network computes on packed rows [N, H], ONNX on padded ones [B, T, H] with padding at the right: rows of padding are computed too,
 * but no real token attends to them ({@link #attention}) and no pooling takes them, so the real tokens' values are the same.
 */
final class OnnxEmitters {
    /** What a masked score becomes the sum with: the lowest float, as in transformers. */
    private static final double MASKED = -Float.MAX_VALUE;

    /** Emits one vertex. */
    @FunctionalInterface
    private interface Emitter<V> {
        /**
         * @param onnx receives the nodes
         * @param name the vertex
         * @param vertex its configuration
         * @param inputs the values it takes
         * @return the value that is its result: {@code name}, or an input if nothing is computed
         */
        String emit(Onnx onnx, String name, V vertex, List<String> inputs);
    }

    /**
     * The graph that grows and what it is made from.
     *
     * @param graph receives nodes and arrays
     * @param model a model without adapters
     * @param columns value to the size of its last axis; grows with the graph
     */
    record Onnx(OnnxGraphWriter graph, AdaptedModel model, Map<String, Integer> columns) {
        /** The stored name of a frozen array. */
        private String array(String name) {
            return graph.weight(name, model.weights().get(name));
        }

        private String headWeight(String layer) {
            return graph.weight(layer + ".weight", parameter(layer, DefaultParamInitializer.WEIGHT_KEY));
        }

        private String headBias(String layer) {
            INDArray bias = parameter(layer, DefaultParamInitializer.BIAS_KEY);
            return graph.weight(layer + ".bias", bias.reshape(bias.length()));
        }

        private INDArray parameter(String layer, String key) {
            return model.graph().getLayer(layer).getParam(key);
        }

        /** The size of a value's last axis. */
        int columns(String value) {
            return Objects.requireNonNull(columns.get(value), value);
        }
    }

    /** DL4J's activation functions of layers that are one operator. */
    private static final Map<Class<?>, String> OPERATORS =
            Map.of(ActivationTanH.class, "Tanh", ActivationReLU.class, "Relu", ActivationSigmoid.class, "Sigmoid");

    private static final Map<Class<?>, Emitter<Object>> TABLE = new HashMap<>();

    static {
        put(EmbeddingRows.class, OnnxEmitters::embeddings);
        put(ResidualLayerNorm.class, OnnxEmitters::norm);
        put(SelfAttention.class, OnnxEmitters::attention);
        put(RowActivation.class, (onnx, name, v, in) -> activation(onnx.graph(), name, v.getFunction(), in.get(0)));
        put(RowDropout.class, (onnx, name, v, in) -> in.get(0));
        put(FirstRows.class, OnnxEmitters::firstRows);
        put(SequencePooling.class, OnnxEmitters::pooling);
        put(FrozenLinear.class, OnnxEmitters::frozenLinear);
        put(DenseLayer.class, OnnxEmitters::dense);
        put(OutputLayer.class, OnnxEmitters::output);
    }

    private OnnxEmitters() {}

    private static <V> void put(Class<V> type, Emitter<V> emitter) {
        TABLE.put(type, (onnx, name, vertex, inputs) -> emitter.emit(onnx, name, type.cast(vertex), inputs));
    }

    /**
     * Emits a vertex of whatever kind.
     *
     * @param onnx the graph and the arrays
     * @param name the vertex
     * @param vertex its configuration
     * @param inputs the values it takes, in order
     * @return the value that is its result
     * @throws UserException if the table has no emitter for it; the message names it
     */
    static String emit(Onnx onnx, String name, GraphVertex vertex, List<String> inputs) {
        Object what = vertex;
        if (vertex instanceof LayerVertex layer) {
            if (layer.getPreProcessor() != null) {
                throw unknown(name, layer.getPreProcessor().getClass().getSimpleName());
            }
            what = layer.getLayerConf().getLayer();
        }
        Emitter<Object> emitter = TABLE.get(what.getClass());
        if (emitter == null) {
            throw unknown(name, what.getClass().getSimpleName());
        }
        String value = emitter.emit(onnx, name, what, inputs);
        // What does not say otherwise keeps the number of columns.
        onnx.columns().computeIfAbsent(value, key -> onnx.columns(inputs.get(0)));
        return value;
    }

    private static UserException unknown(String name, String what) {
        return new UserException(
                name + " (" + what + ") has no translation to ONNX: export the model as hf, dl4j or peft");
    }

    /** word + position + type; see {@link EmbeddingRows}. */
    private static String embeddings(Onnx onnx, String name, EmbeddingRows rows, List<String> inputs) {
        OnnxGraphWriter graph = onnx.graph();
        onnx.columns().put(name, rows.getHiddenSize());
        String ids = inputs.get(0);
        String words = graph.node("Gather", name + "/words", onnx.array(name + ".word_embeddings.weight"), ids);
        String positions = rows.getPadTokenId() == EmbeddingRows.FROM_ZERO
                ? positionsFromZero(graph, name, ids)
                : positionsAfterPadding(graph, name, ids, rows.getPadTokenId());
        String places =
                graph.node("Gather", name + "/positions", onnx.array(name + ".position_embeddings.weight"), positions);
        if (rows.getTypeVocabSize() == 0) {
            return graph.node("Add", name, words, places);
        }
        String type = rows.isOneType() ? graph.index(0) : inputs.get(1);
        String types = graph.node("Gather", name + "/types", onnx.array(name + ".token_type_embeddings.weight"), type);
        return graph.node("Add", name, graph.node("Add", name + "/untyped", words, places), types);
    }

    /** 0 to T - 1, [T]: with padding at the right the same for every sequence. */
    private static String positionsFromZero(OnnxGraphWriter graph, String name, String ids) {
        String shape = graph.node("Shape", name + "/shape", ids);
        String length = graph.node("Gather", name + "/length", shape, graph.index(1));
        return graph.node("Range", name + "/position_ids", graph.index(0), length, graph.index(1));
    }

    /** With m = 1 where the token is not padding: cumsum(m) m + pad, [B, T]. */
    private static String positionsAfterPadding(OnnxGraphWriter graph, String name, String ids, int pad) {
        String padding = graph.node("Equal", name + "/padding", ids, graph.index(pad));
        String other = graph.node("Not", name + "/not_padding", padding);
        String marks =
                graph.node("Cast", name + "/marks", List.of(integer("to", TensorProto.DataType.INT64_VALUE)), other);
        String counts = graph.node("CumSum", name + "/counts", marks, graph.index(1));
        String counted = graph.node("Mul", name + "/counted", counts, marks);
        return graph.node("Add", name + "/position_ids", counted, graph.index(pad));
    }

    /** norm(x + residual) or norm(x); see {@link ResidualLayerNorm}. */
    private static String norm(Onnx onnx, String name, ResidualLayerNorm norm, List<String> inputs) {
        OnnxGraphWriter graph = onnx.graph();
        String x = inputs.size() == 1 ? inputs.get(0) : graph.node("Add", name + "/sum", inputs.toArray(String[]::new));
        return graph.node(
                "LayerNormalization",
                name,
                List.of(integer("axis", -1), real("epsilon", norm.getEpsilon())),
                x,
                onnx.array(name + ".weight"),
                onnx.array(name + ".bias"));
    }

    /**
     * softmax(Q K^T / sqrt d + bias) V per head: [B, T, H] to [B, h, T, d] and back. The bias is 0 for a real key and the lowest float for
     * padding, whose probability then is exactly 0.
     */
    private static String attention(Onnx onnx, String name, SelfAttention attention, List<String> inputs) {
        OnnxGraphWriter graph = onnx.graph();
        int columns = onnx.columns(inputs.get(0));
        int size = columns / attention.getHeads();
        String split = graph.indices(0, 0, attention.getHeads(), size); // 0 keeps a size
        String query = heads(graph, name + "/query", inputs.get(0), split, 0, 2, 1, 3);
        String key = heads(graph, name + "/key", inputs.get(1), split, 0, 2, 3, 1);
        String value = heads(graph, name + "/value", inputs.get(2), split, 0, 2, 1, 3);
        String products = graph.node("MatMul", name + "/products", query, key);
        String scores = graph.node("Mul", name + "/scores", products, graph.scalar(1 / Math.sqrt(size)));
        String masked = graph.node("Add", name + "/masked", scores, maskBias(graph, inputs.get(3)));
        String p = graph.node("Softmax", name + "/probabilities", List.of(integer("axis", -1)), masked);
        String context = graph.node("MatMul", name + "/context", p, value);
        String rows = graph.node("Transpose", name + "/rows", List.of(integers("perm", 0, 2, 1, 3)), context);
        return graph.node("Reshape", name, rows, graph.indices(0, 0, columns));
    }

    private static String heads(OnnxGraphWriter graph, String name, String rows, String split, long... order) {
        String parts = graph.node("Reshape", name, rows, split);
        return graph.node("Transpose", name + "_heads", List.of(integers("perm", order)), parts);
    }

    /** 0 for a real token, the lowest float for padding, [B, 1, 1, T]; the same value for every layer. */
    private static String maskBias(OnnxGraphWriter graph, String mask) {
        String bias = mask + "/bias";
        if (graph.has(bias)) {
            return bias;
        }
        String padding = graph.node("Sub", mask + "/padding", graph.scalar(1), marks(graph, mask));
        String lowest = graph.node("Mul", mask + "/lowest", padding, graph.scalar(MASKED));
        return graph.node("Unsqueeze", bias, lowest, graph.indices(1, 2));
    }

    /** The mask as floats, [B, T]. */
    private static String marks(OnnxGraphWriter graph, String mask) {
        String marks = mask + "/marks";
        return graph.has(marks)
                ? marks
                : graph.node("Cast", marks, List.of(integer("to", TensorProto.DataType.FLOAT_VALUE)), mask);
    }

    /** A function of {@link HiddenActivation}, by ONNX's primitives; runtimes find GELU in them. */
    private static String activation(OnnxGraphWriter graph, String name, HiddenActivation function, String x) {
        return switch (function) {
            case GELU -> {
                String scaled = graph.node("Div", name + "/scaled", x, graph.scalar(Math.sqrt(2)));
                yield half(graph, name, x, graph.node("Erf", name + "/erf", scaled));
            }
            case GELU_TANH -> {
                String square = graph.node("Mul", name + "/square", x, x);
                String cubic = graph.node("Mul", name + "/cubic", square, graph.scalar(0.044715));
                String factor = graph.node("Add", name + "/factor", cubic, graph.scalar(1));
                String product = graph.node("Mul", name + "/product", factor, x);
                String scaled = graph.node("Mul", name + "/scaled", product, graph.scalar(Math.sqrt(2 / Math.PI)));
                yield half(graph, name, x, graph.node("Tanh", name + "/tanh", scaled));
            }
            case RELU -> graph.node("Relu", name, x);
            case SILU -> graph.node("Mul", name, x, graph.node("Sigmoid", name + "/sigmoid", x));
        };
    }

    /** x (1 + t) / 2. */
    private static String half(OnnxGraphWriter graph, String name, String x, String t) {
        String raised = graph.node("Add", name + "/raised", t, graph.scalar(1));
        String doubled = graph.node("Mul", name + "/doubled", x, raised);
        return graph.node("Mul", name, doubled, graph.scalar(0.5));
    }

    /** [B, T, H] to [B, 1, H]. */
    private static String firstRows(Onnx onnx, String name, FirstRows rows, List<String> inputs) {
        OnnxGraphWriter graph = onnx.graph();
        return graph.node("Gather", name, List.of(integer("axis", 1)), inputs.get(0), graph.indices(0));
    }

    /** [B, T, H] to [B, H]; first rows alone are [B, 1, H]. */
    private static String pooling(Onnx onnx, String name, SequencePooling pooling, List<String> inputs) {
        OnnxGraphWriter graph = onnx.graph();
        if (pooling.getPooling() != Pooling.MEAN) {
            return graph.node("Gather", name, List.of(integer("axis", 1)), inputs.get(0), graph.index(0));
        }
        String marks = graph.node("Unsqueeze", name + "/marks", marks(graph, inputs.get(1)), graph.indices(2));
        String real = graph.node("Mul", name + "/real", inputs.get(0), marks);
        List<AttributeProto> flat = List.of(integer("keepdims", 0));
        String sums = graph.node("ReduceSum", name + "/sums", flat, real, graph.indices(1));
        String counts = graph.node("ReduceSum", name + "/counts", flat, marks, graph.indices(1));
        return graph.node("Div", name, sums, counts);
    }

    private static String frozenLinear(Onnx onnx, String name, FrozenLinear layer, List<String> inputs) {
        String weight = onnx.array(name + "." + FrozenLinear.WEIGHT);
        String bias = layer.isHasBias() ? onnx.array(name + "." + FrozenLinear.BIAS) : null;
        return linear(onnx, name, layer, inputs.get(0), weight, bias);
    }

    private static String dense(Onnx onnx, String name, DenseLayer layer, List<String> inputs) {
        if (layer.hasLayerNorm()) {
            throw unknown(name, "DenseLayer with layer normalisation");
        }
        return linear(
                onnx, name, layer, inputs.get(0), onnx.headWeight(name), layer.hasBias() ? onnx.headBias(name) : null);
    }

    /** The logits, softmax being left to the caller; or a regression's number. */
    private static String output(Onnx onnx, String name, OutputLayer layer, List<String> inputs) {
        if (!(layer.getActivationFn() instanceof ActivationSoftmax)
                && !(layer.getActivationFn() instanceof ActivationIdentity)) {
            throw unknown(name, "OutputLayer with " + layer.getActivationFn());
        }
        return product(
                onnx, name, layer, inputs.get(0), onnx.headWeight(name), layer.hasBias() ? onnx.headBias(name) : null);
    }

    /** f(x W + b). */
    private static String linear(
            Onnx onnx, String name, FeedForwardLayer layer, String x, String weight, @Nullable String bias) {
        IActivation function = layer.getActivationFn();
        if (function instanceof ActivationIdentity) {
            return product(onnx, name, layer, x, weight, bias);
        }
        String operator = OPERATORS.get(function.getClass());
        if (operator == null) {
            throw unknown(name, layer.getClass().getSimpleName() + " with " + function);
        }
        String z = product(onnx, name + "/linear", layer, x, weight, bias);
        return onnx.graph().node(operator, name, z);
    }

    /** x W + b, with W [in, out] as ONNX's own exports have it. */
    private static String product(
            Onnx onnx, String name, FeedForwardLayer layer, String x, String weight, @Nullable String bias) {
        OnnxGraphWriter graph = onnx.graph();
        onnx.columns().put(name, (int) layer.getNOut());
        return bias == null
                ? graph.node("MatMul", name, x, weight)
                : graph.node("Add", name, graph.node("MatMul", name + "/product", x, weight), bias);
    }
}
