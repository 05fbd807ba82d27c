package io.lora4j.models.onnx;

import io.lora4j.error.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/**
 * An ONNX graph indexed for look-ups: who produces a value, which values are stored, which are constants.
 *
 * <p>Format: github.com/onnx/onnx, {@code onnx/onnx.proto}. Only what a BERT export needs is understood: 32-bit float weights
 * inside the file.
 */
final class OnnxGraph {
    private final Path source;
    private final List<NodeProto> nodes;
    private final Map<String, TensorProto> stored = new LinkedHashMap<>();
    private final Map<String, NodeProto> producers = new LinkedHashMap<>();

    private OnnxGraph(Path source, GraphProto graph) {
        this.source = source;
        this.nodes = graph.getNodeList();
        for (TensorProto tensor : graph.getInitializerList()) {
            if (stored.put(tensor.getName(), tensor) != null) {
                throw new FormatException(
                        source, "the initializer '" + tensor.getName() + "' stands twice in the graph");
            }
        }
        for (NodeProto node : nodes) {
            node.getOutputList().forEach(output -> producers.put(output, node));
        }
    }

    /**
     * Reads a whole model.
     *
     * @param in the file's bytes; read to the end, not closed
     * @param source its name for messages
     * @return the graph
     * @throws FormatException if it is no ONNX model
     * @throws IOException if reading fails
     */
    static OnnxGraph read(InputStream in, Path source) throws IOException {
        CodedInputStream coded = CodedInputStream.newInstance(in);
        coded.setSizeLimit(Integer.MAX_VALUE); // the default of 64 MB is below the smallest encoder
        ModelProto model;
        try {
            model = ModelProto.parseFrom(coded);
        } catch (InvalidProtocolBufferException e) {
            throw new FormatException(source, coded.getTotalBytesRead(), "this is no ONNX model: " + e.getMessage());
        }
        if (model.getGraph().getNodeCount() == 0) {
            throw new FormatException(source, "this is no ONNX model: it has no graph");
        }
        return new OnnxGraph(source, model.getGraph());
    }

    /** The names of all stored tensors (ONNX: initializers), in file order. */
    List<String> storedNames() {
        return new ArrayList<>(stored.keySet());
    }

    boolean isStored(String name) {
        return stored.containsKey(name);
    }

    List<Long> shape(String name) {
        return tensor(name).getDimsList();
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
        if (tensor.getDimsList().stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b) != 1) {
            return null;
        }
        return element(tensor);
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
     * @return a new 'c'-ordered float array of the stored shape
     * @throws FormatException if it is not 32-bit float, lies outside the file or has the wrong number of bytes
     */
    INDArray array(String name) {
        TensorProto tensor = tensor(name);
        long[] shape = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
        long length = 1;
        for (long dimension : shape) {
            length = Math.multiplyExact(length, dimension);
        }
        ByteString raw = tensor.getRawData();
        boolean floats = tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE;
        if (!floats || tensor.getDataLocation() != TensorProto.DataLocation.DEFAULT) {
            throw new FormatException(
                    source,
                    "tensor '" + name + "' is not 32-bit float inside the file (data type " + tensor.getDataType()
                            + ", location " + tensor.getDataLocation() + ")");
        }
        if (raw.size() != length * Float.BYTES || length == 0) {
            throw new FormatException(
                    source,
                    "tensor '" + name + "' of shape " + tensor.getDimsList() + " needs " + length * Float.BYTES
                            + " bytes but holds " + raw.size());
        }
        INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        raw.copyTo(new BytePointer(array.data().pointer()).capacity(raw.size()).asByteBuffer());
        Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
        return array;
    }

    private TensorProto tensor(String name) {
        TensorProto tensor = stored.get(name);
        if (tensor == null) {
            throw new FormatException(source, "there is no initializer '" + name + "'");
        }
        return tensor;
    }
}
