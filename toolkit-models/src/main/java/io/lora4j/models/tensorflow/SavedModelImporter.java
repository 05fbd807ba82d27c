package io.lora4j.models.tensorflow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.SafetensorsAssembly;
import io.lora4j.models.source.ByteSource;
import io.lora4j.models.source.FileTree;
import io.lora4j.models.tokenizer.BertTokenizerJson;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Turns a BERT that TensorFlow saved (a SavedModel) into the canonical Hugging Face folder.
 *
 * <p>Needs {@code saved_model.pb}, {@code variables/variables.index} with its data files, and {@code assets/vocab.txt}. Every variable
 * must be understood, or the import fails. The heads of pre-training are kept, under the names {@code cls.*} that Hugging Face's {@code
 * BertForPreTraining} gives them; so the encoder's names have {@code bert.} in front.
 *
 * <p>The configuration says {@code gelu} for both forms of it that BERT's own program had: that is what BERT's published {@code
 * bert_config.json} says, and what Hugging Face computes (exactly, by erf) on these weights. A graph with the tanh form differs from that
 * by at most 5e-4 in a single activation.
 *
 * <p>Data files are read once, front to back, and never held: memory is bounded by the largest linear map. A tensor whose checksum is
 * wrong ends the import; the folder's file then does not appear.
 */
public final class SavedModelImporter {
    /** The file by which a SavedModel is told. */
    public static final String GRAPH = "saved_model.pb";
    /** The index of its variables. */
    public static final String INDEX = "variables/variables.index";

    private static final String VOCABULARY = "assets/vocab.txt";
    private static final int MAX_INDEX_BYTES = 1 << 24;
    private static final int MAX_GRAPH_BYTES = 1 << 26;
    private static final int MAX_VOCABULARY_BYTES = 1 << 24;
    private static final double DEFAULT_DROPOUT = 0.1;
    private static final int BLOCK_BYTES = 1 << 16;

    private final FileTree model;
    private final Path indexName;
    private final BundleIndex index;
    private final String prefix;
    /** Hugging Face name to variable. */
    private final Map<String, BundleTensor> weights = new LinkedHashMap<>();

    private SavedModelImporter(FileTree model) throws IOException {
        this.model = model;
        ByteSource bytes = file(INDEX);
        this.indexName = bytes.name();
        this.index = BundleIndex.read(indexName, bytes.readAll(MAX_INDEX_BYTES));
        this.prefix = prefix();
        name();
    }

    /**
     * Imports a model into a folder: writes {@code config.json}, {@code model.safetensors} and {@code tokenizer.json}.
     *
     * @param model the SavedModel's files
     * @param folder an existing folder
     * @throws FormatException if a file is damaged or the model is no BERT encoder; with file and offset
     * @throws io.lora4j.error.UserException if the disk refuses
     * @throws IOException if reading fails
     */
    public static void importModel(FileTree model, Path folder) throws IOException {
        SavedModelImporter importer = new SavedModelImporter(model);
        ByteSource graph = importer.file(GRAPH);
        ObjectNode config = importer.config(SavedGraph.read(graph.name(), graph.readAll(MAX_GRAPH_BYTES)));
        ByteSource vocabulary = importer.file(VOCABULARY);
        ObjectNode tokenizer = BertTokenizerJson.of(
                vocabulary.readAll(MAX_VOCABULARY_BYTES),
                vocabulary.name(),
                config.get("vocab_size").asInt());
        importer.writeWeights(folder.resolve("model.safetensors"));
        JsonFiles.write(folder.resolve("config.json"), config);
        JsonFiles.write(folder.resolve("tokenizer.json"), tokenizer);
    }

    private ByteSource file(String name) {
        ByteSource file = model.find(name);
        if (file == null) {
            throw new FormatException(model.root(), "this SavedModel has no " + name);
        }
        return file;
    }

    /** What stands in front of all names, e.g. {@code module/}. */
    private String prefix() {
        List<String> found = index.tensors().keySet().stream()
                .filter(name -> name.equals(BertVariables.WORDS) || name.endsWith("/" + BertVariables.WORDS))
                .toList();
        if (found.size() != 1) {
            throw new FormatException(
                    indexName, "this is no BERT encoder: variables named " + BertVariables.WORDS + " are " + found);
        }
        return found.get(0).substring(0, found.get(0).length() - BertVariables.WORDS.length());
    }

    private void name() {
        List<String> unknown = new ArrayList<>();
        index.tensors().forEach((name, tensor) -> {
            String plain = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
            String wanted = BertVariables.huggingFaceName(plain);
            if (wanted != null) {
                checkType(tensor, plain);
                weights.put(wanted, tensor);
            } else if (!BertVariables.isIgnored(plain)) {
                unknown.add(name + " " + tensor.shape());
            }
        });
        if (!unknown.isEmpty()) {
            throw new FormatException(indexName, "the role of these variables is not understood: " + unknown);
        }
    }

    private void checkType(BundleTensor tensor, String plain) {
        if (tensor.type() != BundleTensor.FLOAT || tensor.bytes() == 0) {
            throw new FormatException(
                    indexName,
                    "variable '" + tensor.name() + "' is not 32-bit float (TensorFlow's type " + tensor.type() + ", "
                            + tensor.bytes() + " bytes)");
        }
        if (BertVariables.isTransposed(plain) && (tensor.shape().size() != 2 || tensor.bytes() > Integer.MAX_VALUE)) {
            throw new FormatException(
                    indexName, "variable '" + tensor.name() + "' is a linear map but has the shape " + tensor.shape());
        }
    }

    private List<Long> shape(BundleTensor tensor) {
        List<Long> shape = tensor.shape();
        return BertVariables.isTransposed(tensor.name()) ? List.of(shape.get(1), shape.get(0)) : shape;
    }

    private void writeWeights(Path file) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> shapes.put(name, shape(tensor)));
        SafetensorsAssembly.write(file, shapes, Map.of("format", "pt"), sink -> {
            for (int shard = 0; shard < index.shards(); shard++) {
                copyShard(shard, sink);
            }
        });
    }

    private void copyShard(int shard, SafetensorsAssembly.Sink sink) throws IOException {
        ByteSource data = file("variables/variables.data-%05d-of-%05d".formatted(shard, index.shards()));
        Map<BundleTensor, String> names = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> names.put(tensor, name));
        List<BundleTensor> inOrder = index.tensors().values().stream()
                .filter(tensor -> tensor.shard() == shard)
                .sorted(Comparator.comparingLong(BundleTensor::offset))
                .toList();
        try (InputStream in = data.open()) {
            long position = 0;
            for (BundleTensor tensor : inOrder) {
                String name = names.get(tensor);
                try {
                    in.skipNBytes(tensor.offset() - position);
                    CRC32C crc = new CRC32C();
                    if (name == null) {
                        skip(in, tensor.bytes(), crc);
                    } else if (BertVariables.isTransposed(tensor.name())) {
                        sink.copyTransposed(name, in, crc);
                    } else {
                        sink.copy(name, in, crc);
                    }
                    if (MaskedCrc.of(crc) != tensor.crc()) {
                        throw new FormatException(
                                data.name(),
                                tensor.offset(),
                                "the checksum (crc32c) of variable '" + tensor.name()
                                        + "' is wrong; the file is damaged");
                    }
                } catch (EOFException e) {
                    throw new FormatException(
                            data.name(),
                            tensor.offset(),
                            "the file ends before or inside variable '" + tensor.name() + "', which ends at byte "
                                    + tensor.end() + "; it is truncated");
                }
                position = tensor.end();
            }
            if (in.read() >= 0) {
                throw new FormatException(
                        data.name(), position, "the file goes on after its last variable, in bytes of none");
            }
        }
    }

    private static void skip(InputStream in, long bytes, CRC32C crc) throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        for (long left = bytes; left > 0; ) {
            int length = (int) Math.min(block.length, left);
            if (in.readNBytes(block, 0, length) < length) {
                throw new EOFException();
            }
            crc.update(block, 0, length);
            left -= length;
        }
    }

    private ObjectNode config(SavedGraph graph) {
        long layers = weights.keySet().stream()
                .filter(name -> name.endsWith("attention.self.query.bias"))
                .count();
        graph.requireGelu(prefix, layers);
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.putArray("architectures").add(architecture());
        config.put("attention_probs_dropout_prob", DEFAULT_DROPOUT);
        config.put("hidden_act", "gelu");
        config.put("hidden_dropout_prob", DEFAULT_DROPOUT);
        config.put("hidden_size", size("bert.embeddings.word_embeddings.weight", 1));
        config.put("initializer_range", 0.02);
        config.put("intermediate_size", size("bert.encoder.layer.0.intermediate.dense.bias", 0));
        config.put("layer_norm_eps", graph.layerNormEpsilon(prefix));
        config.put("max_position_embeddings", size("bert.embeddings.position_embeddings.weight", 0));
        config.put("model_type", "bert");
        config.put("num_attention_heads", graph.heads(prefix));
        config.put("num_hidden_layers", layers);
        config.put("pad_token_id", 0);
        config.put("position_embedding_type", "absolute");
        config.put("type_vocab_size", size("bert.embeddings.token_type_embeddings.weight", 0));
        config.put("vocab_size", size("bert.embeddings.word_embeddings.weight", 0));
        return config;
    }

    private String architecture() {
        if (weights.containsKey("cls.seq_relationship.weight")) {
            return "BertForPreTraining";
        }
        return weights.containsKey("cls.predictions.bias") ? "BertForMaskedLM" : "BertModel";
    }

    private long size(String name, int axis) {
        BundleTensor tensor = weights.get(name);
        if (tensor == null || tensor.shape().size() <= axis) {
            throw new FormatException(indexName, "this is no BERT encoder: there is no variable for '" + name + "'");
        }
        return tensor.shape().get(axis);
    }
}
