package io.lora4j.models.onnx;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.SafetensorsAssembly;
import io.lora4j.models.source.ByteSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.Checksum;
import onnx.Onnx.NodeProto;
import org.jspecify.annotations.Nullable;

/**
 * Turns a BERT encoder that PyTorch exported to ONNX into the canonical Hugging Face folder.
 *
 * <p>Such exports keep the names of embeddings, LayerNorms and biases, but fold a linear map's weight into an anonymous initializer
 * ({@code onnx::MatMul_885}), stored [in, out]. Each feeds one MatMul whose result feeds one Add; the Add's other input is the named
 * bias, which names the weight. It is written transposed, [out, in], as Hugging Face does. The folder's tensor names are those of
 * Hugging Face's {@code BertModel}: without the {@code bert.} that a model with a head puts in front.
 *
 * <p>Sizes come from the tensors' shapes, the number of heads and LayerNorm's epsilon from constants of the graph, the activation
 * from its operators. What an inference graph cannot hold (dropout) is BERT's default, 0.1. Every initializer must be
 * understood, or the import fails: an encoder with anything unknown in it is not the encoder this project would compute.
 */
public final class OnnxBertImporter {
    private static final Pattern LAYER = Pattern.compile("encoder\\.layer\\.(\\d{1,4})\\..*");
    private static final String WORDS = "embeddings.word_embeddings.weight";
    private static final String POSITION_IDS = "embeddings.position_ids";
    private static final double DEFAULT_DROPOUT = 0.1;
    private static final int MAX_TOKENIZER_BYTES = 1 << 28;

    private final Path source;
    private final OnnxGraph graph;

    private OnnxBertImporter(Path source, OnnxGraph graph) {
        this.source = source;
        this.graph = graph;
    }

    /**
     * Imports a model into a folder: writes {@code config.json}, {@code model.safetensors} and {@code tokenizer.json}. The ONNX file is read
     * twice, front to back, and never held: memory is bounded by its largest linear map.
     *
     * @param onnx the ONNX file
     * @param tokenizer its {@code tokenizer.json}. Truncation and padding that are built into it are left out
     * @param folder an existing folder
     * @throws FormatException if the graph is not such an encoder; the message names the part that is not understood
     * @throws io.lora4j.error.UserException if the disk refuses
     * @throws IOException if reading fails
     */
    public static void importModel(ByteSource onnx, ByteSource tokenizer, Path folder) throws IOException {
        OnnxBertImporter importer = new OnnxBertImporter(onnx.name(), OnnxReader.read(onnx));
        Map<String, Stored> names = importer.names();
        ObjectNode config = importer.config(names);
        ObjectNode tokenizerJson = JsonFiles.parse(tokenizer.readAll(MAX_TOKENIZER_BYTES), tokenizer.name());
        importer.writeWeights(onnx, names, folder.resolve("model.safetensors"));
        JsonFiles.write(folder.resolve("config.json"), config);
        tokenizerJson.putNull("truncation");
        tokenizerJson.putNull("padding");
        JsonFiles.write(folder.resolve("tokenizer.json"), tokenizerJson);
    }

    /** A weight on its way: where it stands in the file, and its name and orientation in the new one. */
    private record Move(String name, StoredTensor tensor, boolean transposed) {
        List<Long> shape() {
            List<Long> shape = tensor.shape();
            return transposed ? List.of(shape.get(1), shape.get(0)) : shape;
        }
    }

    private void writeWeights(ByteSource onnx, Map<String, Stored> names, Path file) {
        List<Move> moves = new ArrayList<>();
        names.forEach((name, stored) -> {
            Move move = new Move(name, graph.weight(stored.name()), stored.transposed());
            if (stored.transposed() && move.tensor().shape().size() != 2) {
                throw new FormatException(
                        source,
                        move.tensor().offset(),
                        "tensor '" + stored.name() + "' is a linear map but has the shape "
                                + move.tensor().shape());
            }
            moves.add(move);
        });
        moves.sort(Comparator.comparingLong(move -> move.tensor().offset()));
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        moves.forEach(move -> shapes.put(move.name(), move.shape()));
        SafetensorsAssembly.write(file, shapes, Map.of("format", "pt"), sink -> {
            Checksum unused = new CRC32();
            try (InputStream in = onnx.open()) {
                long position = 0;
                for (Move move : moves) {
                    in.skipNBytes(move.tensor().offset() - position);
                    if (move.transposed()) {
                        sink.copyTransposed(move.name(), in, unused);
                    } else {
                        sink.copy(move.name(), in, unused);
                    }
                    position = move.tensor().offset() + move.tensor().bytes();
                }
            }
        });
    }

    /** Where a weight stands in the graph, and whether it stands there the other way round than in Hugging Face's files. */
    private record Stored(String name, boolean transposed) {}

    /** Hugging Face name to stored tensor; every initializer is in it exactly once, or the graph is refused. */
    private Map<String, Stored> names() {
        Map<String, Stored> names = new LinkedHashMap<>();
        Set<String> used = new LinkedHashSet<>();
        for (NodeProto add : graph.nodes("Add")) {
            String bias = onlyStored(add.getInputList());
            NodeProto product = producerOfOne(add.getInputList(), "MatMul");
            if (bias != null && product != null && graph.isStored(OnnxGraph.input(product, 1))) {
                put(names, used, weightOf(bias), new Stored(OnnxGraph.input(product, 1), true));
            }
        }
        for (NodeProto gemm : graph.nodes("Gemm")) {
            if (gemm.getInputCount() == 3 && graph.isStored(gemm.getInput(1)) && graph.isStored(gemm.getInput(2))) {
                boolean transposed = OnnxGraph.attribute(gemm, "transB") == 0;
                put(names, used, weightOf(gemm.getInput(2)), new Stored(gemm.getInput(1), transposed));
            }
        }
        List<String> unknown = new ArrayList<>();
        for (String name : graph.storedNames()) {
            if (withoutPrefix(name).equals(POSITION_IDS) || used.contains(name)) {
                continue;
            }
            if (name.endsWith(".weight") || name.endsWith(".bias")) {
                put(names, used, withoutPrefix(name), new Stored(name, false));
            } else {
                unknown.add(name + " " + graph.shape(name));
            }
        }
        if (!unknown.isEmpty()) {
            throw new FormatException(source, "the role of these initializers is not understood: " + unknown);
        }
        return names;
    }

    private void put(Map<String, Stored> names, Set<String> used, String name, Stored stored) {
        if (names.put(name, stored) != null || !used.add(stored.name())) {
            throw new FormatException(
                    source,
                    "initializer '" + stored.name() + "' or its role '" + name + "' is used twice in the graph");
        }
    }

    private @Nullable String onlyStored(List<String> values) {
        List<String> found = values.stream().filter(graph::isStored).toList();
        return found.size() == 1 ? found.get(0) : null;
    }

    private @Nullable NodeProto producerOfOne(List<String> values, String operator) {
        for (String value : values) {
            NodeProto node = graph.producer(value, operator);
            if (node != null) {
                return node;
            }
        }
        return null;
    }

    private String weightOf(String bias) {
        if (!bias.endsWith(".bias")) {
            throw new FormatException(
                    source, "the bias '" + bias + "' of a linear map has no name that ends with .bias");
        }
        return withoutPrefix(bias.substring(0, bias.length() - "bias".length()) + "weight");
    }

    private static String withoutPrefix(String name) {
        return name.startsWith("bert.") ? name.substring("bert.".length()) : name;
    }

    private ObjectNode config(Map<String, Stored> names) {
        long hidden = size(names, WORDS, 1);
        long layers = names.keySet().stream()
                .map(LAYER::matcher)
                .filter(Matcher::matches)
                .mapToLong(m -> Long.parseLong(m.group(1)) + 1)
                .max()
                .orElse(0);
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.putArray("architectures").add("BertModel");
        config.put("attention_probs_dropout_prob", DEFAULT_DROPOUT);
        config.put("hidden_act", activation(layers));
        config.put("hidden_dropout_prob", DEFAULT_DROPOUT);
        config.put("hidden_size", hidden);
        config.put("initializer_range", 0.02);
        config.put("intermediate_size", size(names, "encoder.layer.0.intermediate.dense.bias", 0));
        config.put("layer_norm_eps", layerNormEpsilon());
        config.put("max_position_embeddings", size(names, "embeddings.position_embeddings.weight", 0));
        config.put("model_type", "bert");
        config.put("num_attention_heads", heads(hidden));
        config.put("num_hidden_layers", layers);
        config.put("pad_token_id", 0);
        config.put("position_embedding_type", "absolute");
        config.put("type_vocab_size", size(names, "embeddings.token_type_embeddings.weight", 0));
        config.put("vocab_size", size(names, WORDS, 0));
        return config;
    }

    private long size(Map<String, Stored> names, String name, int axis) {
        Stored stored = names.get(name);
        if (stored == null || stored.transposed() || graph.shape(stored.name()).size() <= axis) {
            throw new FormatException(source, "this is no BERT encoder: there is no tensor '" + name + "'");
        }
        return graph.shape(stored.name()).get(axis);
    }

    /** BERT's "gelu" is x/2 (1 + erf(x / sqrt 2)): one Erf in each layer. */
    private String activation(long layers) {
        int erfs = graph.nodes("Erf").size();
        if (layers == 0 || erfs != layers) {
            throw new FormatException(
                    source,
                    "the graph has " + layers + " layers but " + erfs
                            + " Erf operators; only encoders with the exact GELU" + " in every layer can be imported");
        }
        return "gelu";
    }

    /** The constant that is added to the variance before its square root, the same everywhere. */
    private double layerNormEpsilon() {
        Set<Number> found = new LinkedHashSet<>();
        for (NodeProto root : graph.nodes("Sqrt")) {
            NodeProto add = graph.producer(OnnxGraph.input(root, 0), "Add");
            if (add != null) {
                add.getInputList().stream()
                        .map(graph::constant)
                        .filter(c -> c != null)
                        .forEach(found::add);
            }
        }
        // The float's shortest decimal, not its binary value: 1e-12, not 9.999999960041972e-13.
        return Double.parseDouble(only("LayerNorm's epsilon", found).toString());
    }

    /** Heads are split by a Reshape to [batch, tokens, heads, hidden / heads], whose last two sizes are constants. */
    private long heads(long hidden) {
        Set<Number> found = new LinkedHashSet<>();
        for (NodeProto reshape : graph.nodes("Reshape")) {
            NodeProto shape = graph.producer(OnnxGraph.input(reshape, 1), "Concat");
            if (shape != null && shape.getInputCount() == 4) {
                Number heads = graph.constant(shape.getInput(2));
                Number headSize = graph.constant(shape.getInput(3));
                if (heads != null && headSize != null && heads.longValue() * headSize.longValue() == hidden) {
                    found.add(heads);
                }
            }
        }
        return only("the number of attention heads", found).longValue();
    }

    private Number only(String what, Set<Number> found) {
        if (found.size() != 1) {
            throw new FormatException(source, what + " is not one constant of the graph: " + found);
        }
        return found.iterator().next();
    }
}
