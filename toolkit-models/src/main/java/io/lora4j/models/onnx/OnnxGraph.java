package io.lora4j.models.onnx;

import io.lora4j.error.FormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX graph indexed for look-ups: who produces a value, which values are stored, which are constants. Made by {@link OnnxReader}.
 */
final class OnnxGraph {
    /** ONNX's number of 32-bit float. */
    private static final int FLOAT = 1;

    private final Path source;
    private final List<NodeProto> nodes;
    private final Map<String, StoredTensor> stored;
    private final Map<String, NodeProto> producers = new HashMap<>();

    OnnxGraph(Path source, List<NodeProto> nodes, Map<String, StoredTensor> stored) {
        this.source = source;
        this.nodes = nodes;
        this.stored = stored;
        for (NodeProto node : nodes) {
            node.getOutputList().forEach(output -> producers.put(output, node));
        }
    }

    /** The names of all stored tensors (ONNX: initializers), in file order. */
    List<String> storedNames() {
        return new ArrayList<>(stored.keySet());
    }

    boolean isStored(String name) {
        return stored.containsKey(name);
    }

    List<Long> shape(String name) {
        return tensor(name).shape();
    }

    /** All nodes of an operator, in file order. */
    List<NodeProto> nodes(String operator) {
        return nodes.stream().filter(n -> n.getOpType().equals(operator)).toList();
    }

    /** The node that computes a value, if it is computed by that operator. */
    @Nullable
    NodeProto producer(String value, String operator) {
        NodeProto node = producers.get(value);
        return node != null && node.getOpType().equals(operator) ? node : null;
    }

    /** A node's input; ONNX writes an absent one as the empty name, and so does this. */
    static String input(NodeProto node, int index) {
        return index < node.getInputCount() ? node.getInput(index) : "";
    }

    /** An integer attribute of a node, or 0, which is ONNX's default for those asked for here. */
    static long attribute(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .filter(a -> a.getName().equals(name))
                .mapToLong(AttributeProto::getI)
                .findFirst()
                .orElse(0);
    }

    /** The value of a one-element Constant node, or null if the name is anything else. */
    @Nullable
    Number constant(String name) {
        NodeProto node = producer(name, "Constant");
        if (node == null
                || node.getAttributeCount() != 1
                || !node.getAttribute(0).hasT()) {
            return null;
        }
        TensorProto tensor = node.getAttribute(0).getT();
        return tensor.getDimsList().stream().allMatch(d -> d == 1) ? element(tensor) : null;
    }

    private static @Nullable Number element(TensorProto tensor) {
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE) {
            if (tensor.getFloatDataCount() == 1) {
                return tensor.getFloatData(0);
            }
            return raw.remaining() == Float.BYTES ? Float.valueOf(raw.getFloat()) : null;
        }
        if (tensor.getDataType() == TensorProto.DataType.INT64_VALUE) {
            if (tensor.getInt64DataCount() == 1) {
                return tensor.getInt64Data(0);
            }
            return raw.remaining() == Long.BYTES ? Long.valueOf(raw.getLong()) : null;
        }
        return null;
    }

    /**
     * A stored weight.
     *
     * @param name its name in the graph
     * @return where it stands; type, place and length are checked
     * @throws FormatException if it is not 32-bit float, lies outside the file or has the wrong number of bytes
     */
    StoredTensor weight(String name) {
        StoredTensor tensor = tensor(name);
        if (tensor.type() != FLOAT || tensor.location() != 0) {
            throw new FormatException(
                    source,
                    Math.max(0, tensor.offset()),
                    "tensor '" + name + "' is not 32-bit float inside the file (data type "
                            + TensorProto.DataType.forNumber(tensor.type()) + ", location "
                            + TensorProto.DataLocation.forNumber(tensor.location()) + ")");
        }
        long needed = bytes(tensor);
        if (tensor.bytes() != needed || needed == 0) {
            throw new FormatException(
                    source,
                    Math.max(0, tensor.offset()),
                    "tensor '" + name + "' of shape " + tensor.shape() + " needs " + needed + " bytes but holds "
                            + tensor.bytes());
        }
        return tensor;
    }

    private long bytes(StoredTensor tensor) {
        try {
            long bytes = Float.BYTES;
            for (long dimension : tensor.shape()) {
                bytes = Math.multiplyExact(bytes, dimension);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw new FormatException(
                    source,
                    Math.max(0, tensor.offset()),
                    "tensor '" + tensor.name() + "' of shape " + tensor.shape() + " needs more than 2^63 - 1 bytes");
        }
    }

    private StoredTensor tensor(String name) {
        StoredTensor tensor = stored.get(name);
        if (tensor == null) {
            throw new FormatException(source, "there is no initializer '" + name + "'");
        }
        return tensor;
    }
}
