package io.lora4j.models.onnx;

import io.lora4j.error.FormatException;
import io.lora4j.models.source.ByteSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.NodeProto;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;
import org.nd4j.shade.protobuf.WireFormat;

/**
 * One pass over an ONNX file that keeps the graph's nodes and, of the weights, only where they stand.
 *
 * <p>Format: github.com/onnx/onnx, {@code onnx/onnx.proto}; the field numbers below are its own. Nodes are small; each and all of them
 * together are bounded, so a length that lies costs no memory.
 */
final class OnnxReader {
    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int TENSOR_DIMS = 1;
    private static final int TENSOR_TYPE = 2;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_RAW = 9;
    private static final int TENSOR_LOCATION = 14;
    private static final int MAX_RANK = 8;
    private static final int MAX_NAME_BYTES = 4096;
    private static final int MAX_NODE_BYTES = 1 << 24;
    private static final long MAX_NODES_BYTES = 1L << 28;

    private final ByteSource source;
    private final CodedInputStream in;
    private final List<NodeProto> nodes = new ArrayList<>();
    private final Map<String, StoredTensor> stored = new LinkedHashMap<>();
    private long nodeBytes;

    private OnnxReader(ByteSource source, InputStream in) {
        this.source = source;
        this.in = CodedInputStream.newInstance(in, 1 << 16);
        this.in.setSizeLimit(Integer.MAX_VALUE); // what a protobuf file can have; the default of 64 MB is too small
    }

    /**
     * Reads a file.
     *
     * @throws FormatException if it is no ONNX model
     * @throws IOException if reading fails
     */
    static OnnxGraph read(ByteSource source) throws IOException {
        try (InputStream stream = source.open()) {
            OnnxReader reader = new OnnxReader(source, stream);
            try {
                reader.model();
            } catch (InvalidProtocolBufferException e) {
                throw reader.fault("this is no ONNX model: " + e.getMessage());
            }
            if (reader.nodes.isEmpty()) {
                throw reader.fault("this is no ONNX model: it has no graph");
            }
            return new OnnxGraph(source.name(), reader.nodes, reader.stored);
        }
    }

    private FormatException fault(String what) {
        return new FormatException(source.name(), in.getTotalBytesRead(), what);
    }

    private void model() throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isMessage(tag, MODEL_GRAPH)) {
                int outer = in.pushLimit(in.readRawVarint32());
                graph();
                in.popLimit(outer);
            } else {
                skip(tag);
            }
        }
    }

    private void graph() throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isMessage(tag, GRAPH_NODE)) {
                nodes.add(node());
            } else if (isMessage(tag, GRAPH_INITIALIZER)) {
                int outer = in.pushLimit(in.readRawVarint32());
                StoredTensor tensor = tensor();
                in.popLimit(outer);
                if (stored.put(tensor.name(), tensor) != null) {
                    throw fault("the initializer '" + tensor.name() + "' stands twice in the graph");
                }
            } else {
                skip(tag);
            }
        }
    }

    private static boolean isMessage(int tag, int field) {
        return WireFormat.getTagFieldNumber(tag) == field
                && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    private void skip(int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw fault("this is no ONNX model: a group ends that never began");
        }
    }

    private NodeProto node() throws IOException {
        int length = in.readRawVarint32();
        nodeBytes += Math.max(0, length);
        if (length > MAX_NODE_BYTES || nodeBytes > MAX_NODES_BYTES) {
            throw fault("a node of " + length + " bytes is larger than the " + MAX_NODE_BYTES
                    + " allowed (all together " + MAX_NODES_BYTES + "); weights must be initializers");
        }
        return NodeProto.parseFrom(in.readRawBytes(length));
    }

    private StoredTensor tensor() throws IOException {
        List<Long> shape = new ArrayList<>();
        String name = "";
        int type = 0;
        int location = 0;
        long offset = -1;
        int bytes = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case TENSOR_DIMS -> dimensions(tag, shape);
                case TENSOR_TYPE -> type = in.readInt32();
                case TENSOR_NAME -> name = name();
                case TENSOR_LOCATION -> location = in.readEnum();
                case TENSOR_RAW -> {
                    if (offset >= 0) {
                        throw fault("tensor '" + name + "' has two contents");
                    }
                    bytes = in.readRawVarint32();
                    offset = in.getTotalBytesRead();
                    in.skipRawBytes(bytes);
                }
                default -> skip(tag);
            }
        }
        return new StoredTensor(name, shape, type, location, offset, bytes);
    }

    /** A name; the library's own reader of strings fails oddly at negative lengths. */
    private String name() throws IOException {
        int length = in.readRawVarint32();
        if (length < 0 || length > MAX_NAME_BYTES) {
            throw fault("a tensor's name has " + Integer.toUnsignedString(length) + " bytes, the limit is "
                    + MAX_NAME_BYTES);
        }
        return new String(in.readRawBytes(length), StandardCharsets.UTF_8);
    }

    /** Repeated integers come one by one or packed; both are valid. */
    private void dimensions(int tag, List<Long> shape) throws IOException {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            int outer = in.pushLimit(in.readRawVarint32());
            while (in.getBytesUntilLimit() > 0) {
                dimension(shape, in.readInt64());
            }
            in.popLimit(outer);
        } else {
            dimension(shape, in.readInt64());
        }
    }

    private void dimension(List<Long> shape, long size) {
        if (size < 0 || shape.size() == MAX_RANK) {
            throw fault(
                    size < 0
                            ? "a tensor has the dimension " + size
                            : "a tensor has more than " + MAX_RANK + " dimensions");
        }
        shape.add(size);
    }
}
