package io.lora4j.models.tensorflow;

import io.lora4j.error.FormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;
import org.tensorflow.framework.AttrValue;
import org.tensorflow.framework.MetaGraphDef;
import org.tensorflow.framework.NodeDef;
import org.tensorflow.framework.SavedModel;
import org.tensorflow.framework.TensorProto;

/**
 * What a BERT's graph tells that its variables do not: the number of heads, LayerNorm's epsilon, the activation.
 *
 * <p>Names are those that google-research/bert {@code modeling.py} gives: heads are split by {@code attention/self/Reshape}, whose
 * target shape has them as its third number; LayerNorm adds {@code batchnorm/add/y}; the feed-forward block's activation is in {@code
 * intermediate/dense}.
 */
final class SavedGraph {
    private final Path path;
    private final Map<String, NodeDef> nodes = new HashMap<>();

    private SavedGraph(Path path, SavedModel model) {
        this.path = path;
        for (MetaGraphDef graph : model.getMetaGraphsList()) {
            graph.getGraphDef().getNodeList().forEach(node -> nodes.put(node.getName(), node));
        }
        if (nodes.isEmpty()) {
            throw new FormatException(path, "this is no SavedModel: it has no graph");
        }
    }

    static SavedGraph read(Path path, byte[] file) {
        try {
            return new SavedGraph(path, SavedModel.parseFrom(file));
        } catch (InvalidProtocolBufferException e) {
            throw new FormatException(path, "this is no SavedModel: " + e.getMessage());
        }
    }

    long heads(String prefix) {
        Pattern shape =
                Pattern.compile(Pattern.quote(prefix) + "bert/encoder/layer_\\d+/attention/self/Reshape/shape/2");
        return only("the number of attention heads", shape).longValue();
    }

    double layerNormEpsilon(String prefix) {
        Pattern add = Pattern.compile(Pattern.quote(prefix) + "bert/(embeddings|encoder)/.*LayerNorm/batchnorm/add/y");
        // The float's shortest decimal, not its binary value: 1e-12, not 9.999999960041972e-13.
        return Double.parseDouble(only("LayerNorm's epsilon", add).toString());
    }

    /**
     * Demands that every layer's feed-forward block has GELU, in one of the two forms that modeling.py had: exact (one Erf) or its
     * approximation (one Tanh).
     */
    void requireGelu(String prefix, long layers) {
        for (String operator : new String[] {"Erf", "Tanh"}) {
            Pattern activation =
                    Pattern.compile(Pattern.quote(prefix) + "bert/encoder/layer_\\d+/intermediate/dense/.*");
            long found = nodes.values().stream()
                    .filter(node -> node.getOp().equals(operator)
                            && activation.matcher(node.getName()).matches())
                    .count();
            if (found == layers) {
                return;
            }
        }
        throw new FormatException(path, "the graph has no GELU in each of its " + layers + " layers");
    }

    private Number only(String what, Pattern names) {
        Set<Number> found = new LinkedHashSet<>();
        nodes.forEach((name, node) -> {
            if (node.getOp().equals("Const") && names.matcher(name).matches()) {
                found.add(constant(node));
            }
        });
        if (found.size() != 1) {
            throw new FormatException(path, what + " is not one constant of the graph: " + found);
        }
        return found.iterator().next();
    }

    private Number constant(NodeDef node) {
        TensorProto tensor =
                node.getAttrOrDefault("value", AttrValue.getDefaultInstance()).getTensor();
        if (tensor.getIntValCount() == 1) {
            return tensor.getIntVal(0);
        }
        if (tensor.getFloatValCount() == 1) {
            return tensor.getFloatVal(0);
        }
        ByteBuffer content = tensor.getTensorContent().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (content.remaining() != Integer.BYTES) {
            throw new FormatException(path, "the constant '" + node.getName() + "' is not one number");
        }
        return switch (tensor.getDtype()) {
            case DT_INT32 -> Integer.valueOf(content.getInt());
            case DT_FLOAT -> Float.valueOf(content.getFloat());
            default ->
                throw new FormatException(
                        path, "the constant '" + node.getName() + "' has the type " + tensor.getDtype());
        };
    }
}
