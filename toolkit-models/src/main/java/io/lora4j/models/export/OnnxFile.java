package io.lora4j.models.export;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorProto;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.CodedOutputStream;
import org.nd4j.shade.protobuf.UnsafeByteOperations;
import org.nd4j.shade.protobuf.WireFormat;

/**
 * An ONNX file whose weights go from their arrays to the disk one at a time, and are compared from the mapped file: a model is never in
 * memory twice. Its bytes are those that {@code ModelProto.writeTo} would give with the weights in it as {@code raw_data}.
 */
final class OnnxFile {
    /** No protobuf message can be longer, and every reader of ONNX relies on that. */
    static final long LIMIT = Integer.MAX_VALUE;

    private final ModelProto model;
    private final Map<String, INDArray> weights;

    /**
     * @param model everything but the weights
     * @param weights name to float array, stored row-major in its own shape; only read
     */
    OnnxFile(ModelProto model, Map<String, INDArray> weights) {
        this.model = model;
        this.weights = weights;
    }

    /** The file's size in bytes; exact if it is at most {@link #LIMIT}. */
    long size() {
        ModelProto rest = model.toBuilder().clearGraph().build();
        long graph = graphSize();
        return rest.getSerializedSize()
                + CodedOutputStream.computeTagSize(ModelProto.GRAPH_FIELD_NUMBER)
                + CodedOutputStream.computeUInt64SizeNoTag(graph)
                + graph;
    }

    private long graphSize() {
        long size = model.getGraph().getSerializedSize();
        for (Map.Entry<String, INDArray> weight : weights.entrySet()) {
            long tensor = tensorSize(weight.getKey(), weight.getValue());
            size += CodedOutputStream.computeTagSize(GraphProto.INITIALIZER_FIELD_NUMBER)
                    + CodedOutputStream.computeUInt64SizeNoTag(tensor)
                    + tensor;
        }
        return size;
    }

    private static long tensorSize(String name, INDArray array) {
        long bytes = bytes(array);
        return tensor(name, array).getSerializedSize()
                + CodedOutputStream.computeTagSize(TensorProto.RAW_DATA_FIELD_NUMBER)
                + CodedOutputStream.computeUInt64SizeNoTag(bytes)
                + bytes;
    }

    private static long bytes(INDArray array) {
        return array.length() * Float.BYTES;
    }

    /** A tensor without its values. */
    private static TensorProto tensor(String name, INDArray array) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE);
        for (long dimension : array.shape()) {
            tensor.addDims(dimension);
        }
        return tensor.build();
    }

    /**
     * Writes the file.
     *
     * @param file an existing file, which is overwritten
     * @throws IOException if the disk refuses
     */
    void write(Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            CodedOutputStream coded = CodedOutputStream.newInstance(out, 1 << 16);
            model.toBuilder().clearGraph().build().writeTo(coded);
            begin(coded, ModelProto.GRAPH_FIELD_NUMBER, graphSize());
            model.getGraph().writeTo(coded);
            for (Map.Entry<String, INDArray> weight : weights.entrySet()) {
                String name = weight.getKey();
                INDArray array = weight.getValue();
                begin(coded, GraphProto.INITIALIZER_FIELD_NUMBER, tensorSize(name, array));
                tensor(name, array).writeTo(coded);
                begin(coded, TensorProto.RAW_DATA_FIELD_NUMBER, bytes(array));
                values(array, coded::writeRawBytes);
            }
            coded.flush();
        }
    }

    private static void begin(CodedOutputStream coded, int field, long length) throws IOException {
        coded.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        coded.writeUInt32NoTag(Math.toIntExact(length));
    }

    /** Takes the bytes of an array. */
    @FunctionalInterface
    private interface Taker {
        void take(ByteBuffer bytes) throws IOException;
    }

    /** Hands out an array's values in row-major order and the machine's byte order, which is ONNX's (little-endian) wherever ND4J runs. */
    @SuppressWarnings("try") // the scope is held, not used
    private static void values(INDArray array, Taker taker) throws IOException {
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces();
                INDArray rowMajor = array.dup('c')) {
            Nd4j.getAffinityManager().ensureLocation(rowMajor, AffinityManager.Location.HOST);
            taker.take(new BytePointer(rowMajor.data().pointer())
                    .capacity(bytes(array))
                    .asByteBuffer());
        }
    }

    /**
     * Reads a file and holds it against this model: every node, setting and name, and every byte of every weight.
     *
     * @param file what was written
     * @throws IOException if the disk refuses, it is no ONNX file, or anything in it is not as it was meant; the message says what
     */
    void compare(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            CodedInputStream coded = UnsafeByteOperations.unsafeWrap(mapped).newCodedInput();
            coded.enableAliasing(true); // values stay in the mapped file
            ModelProto read = ModelProto.parseFrom(coded);
            Map<String, TensorProto> stored = new HashMap<>();
            List<TensorProto> all = read.getGraph().getInitializerList();
            int constants = model.getGraph().getInitializerCount();
            all.subList(Math.min(constants, all.size()), all.size()).forEach(t -> stored.put(t.getName(), t));
            ModelProto.Builder rest = read.toBuilder();
            rest.getGraphBuilder()
                    .clearInitializer()
                    .addAllInitializer(all.subList(0, Math.min(constants, all.size())));
            if (!rest.build().equals(model) || !stored.keySet().equals(weights.keySet())) {
                throw new IOException("the graph that was read back is not the one that was written");
            }
            for (Map.Entry<String, INDArray> weight : weights.entrySet()) {
                compare(weight.getKey(), weight.getValue(), stored.get(weight.getKey()));
            }
        }
    }

    private static void compare(String name, INDArray array, @Nullable TensorProto stored) throws IOException {
        if (stored == null || !stored.toBuilder().clearRawData().build().equals(tensor(name, array))) {
            throw new IOException("the shape or type of " + name + " that was read back is not what was written");
        }
        ByteBuffer raw = stored.getRawData().asReadOnlyByteBuffer();
        values(array, bytes -> {
            if (raw.mismatch(bytes) >= 0) {
                throw new IOException("the values of " + name + " that were read back are not what was written");
            }
        });
    }
}
