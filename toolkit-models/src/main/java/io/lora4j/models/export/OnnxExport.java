package io.lora4j.models.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.export.OnnxEmitters.Onnx;
import io.lora4j.models.peft.LogitDifference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A classifier as one ONNX file, with the adapter merged in, for ONNX Runtime and whatever else reads the format.
 *
 * <p>Inputs {@code input_ids}, {@code attention_mask} and, where the family looks at it, {@code token_type_ids}: int64 [batch, sequence], both
 * sizes free up to the encoder's positions, padding at the right with mask 0. Output {@code logits}: float32 [batch, labels], before softmax,
 * in the order of {@code id2label}; of a regression [batch, 1], the number itself, and {@code problem_type} says so. Metadata: {@code id2label} as in {@code config.json}, {@code max_length}, {@code base_model}, {@code
 * base_model_sha256}, {@code model_type}, {@code pooling}.
 *
 * <p>Arrays have Hugging Face's names; matrices of linear maps are [in, out], the transpose of what Hugging Face's files hold, as in other
 * ONNX files. Operator set 17 of github.com/onnx/onnx. The same adapter gives the same bytes.
 */
public final class OnnxExport {
    /** The output's name. */
    public static final String LOGITS = "logits";

    /** The first version of the container format that has the operator set. */
    private static final int IR_VERSION = 8;

    private static final String MASK = "attention_mask";
    private static final List<String> INPUTS = List.of(EncoderGraph.INPUT_IDS, MASK, EncoderGraph.TOKEN_TYPE_IDS);

    private OnnxExport() {}

    /**
     * Writes the file, reads it back and holds every node and every byte of every array against the merged model. The file is not run: there
     * is no runtime for it in this program. What is computed is how far the merged model's logits are from the adapter's.
     *
     * @param adapter the adapter and its base
     * @param target the file; must not exist
     * @return that difference of logits
     * @throws UserException if the target exists, the disk refuses or gives back something else, the model needs more than ONNX's 2 GB, or a
     *     layer has no translation; the message names it
     */
    public static ExportCheck write(LoadedAdapter adapter, Path target) {
        return write(adapter, target, OnnxFile.LIMIT);
    }

    /** Writes a file that must not have more than {@code limit} bytes. */
    static ExportCheck write(LoadedAdapter adapter, Path target, long limit) {
        if (Files.exists(target)) {
            throw new UserException(target + " exists: name a new file");
        }
        AdaptedModel merged = adapter.merged();
        OnnxGraphWriter graph = graph(merged);
        OnnxFile file = new OnnxFile(model(adapter, graph), graph.weights());
        if (file.size() > limit) {
            throw new UserException(String.format(
                    Locale.ROOT,
                    "the model takes %d bytes as ONNX, one file can hold %d: export it as hf or dl4j",
                    file.size(),
                    limit));
        }
        MultiDataSet samples = Samples.of(adapter.base());
        double difference = LogitDifference.of(
                adapter.adapted().graph().outputSingle(false, samples.getFeatures()),
                merged.graph().outputSingle(false, samples.getFeatures()));
        AtomicFile.write(target, beside -> {
            file.write(beside);
            file.compare(beside);
        });
        return new ExportCheck(
                difference,
                String.format(
                        Locale.ROOT,
                        "read back (not run), its graph and its %d arrays are the merged model's, bit for bit; the merged model's"
                                + " logits differ from the adapter's by %.1e at most",
                        graph.weights().size(),
                        difference));
    }

    /** Every vertex in the order in which the network computes. */
    private static OnnxGraphWriter graph(AdaptedModel merged) {
        ComputationGraphConfiguration configuration = merged.graph().getConfiguration();
        OnnxGraphWriter graph = new OnnxGraphWriter();
        Onnx onnx = new Onnx(graph, merged, new HashMap<>());
        Map<String, String> values = new HashMap<>(Map.of(
                EncoderGraph.LAYOUT, MASK,
                EncoderGraph.INPUT_IDS, EncoderGraph.INPUT_IDS,
                EncoderGraph.TOKEN_TYPE_IDS, EncoderGraph.TOKEN_TYPE_IDS));
        for (int index : merged.graph().topologicalSortOrder()) {
            String name = merged.graph().getVertices()[index].getVertexName();
            GraphVertex vertex = configuration.getVertices().get(name);
            List<String> from = configuration.getVertexInputs().get(name);
            if (vertex != null && from != null) { // else it is one of the graph's inputs
                List<String> inputs =
                        from.stream().map(input -> known(values, input)).toList();
                values.put(name, OnnxEmitters.emit(onnx, name, vertex, inputs));
            }
        }
        String output = known(values, EncoderGraph.outputLayer(configuration));
        graph.node("Identity", LOGITS, output);
        graph.readOf(INPUTS).forEach(input -> graph.input(input, "batch", "sequence"));
        graph.output(LOGITS, "batch", Integer.toString(onnx.columns(output)));
        return graph;
    }

    private static String known(Map<String, String> values, String vertex) {
        return Objects.requireNonNull(values.get(vertex), vertex);
    }

    private static ModelProto model(LoadedAdapter adapter, OnnxGraphWriter graph) {
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("lora4j")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OnnxGraphWriter.OPSET))
                .setGraph(graph.build("classifier"));
        ObjectNode labels = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < adapter.labels().size(); i++) {
            labels.put(Integer.toString(i), adapter.labels().get(i));
        }
        property(model, "id2label", labels.toString());
        if (adapter.regression()) {
            property(model, "problem_type", LoadedAdapter.problemType(true));
        }
        property(model, "max_length", Integer.toString(adapter.maxLength()));
        property(model, "base_model", adapter.base().name());
        property(model, "base_model_sha256", adapter.base().sha256());
        property(model, "model_type", adapter.base().config().family().modelType());
        property(model, "pooling", adapter.pooling().name().toLowerCase(Locale.ROOT));
        return model.build();
    }

    private static void property(ModelProto.Builder model, String key, String value) {
        model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value));
    }
}
