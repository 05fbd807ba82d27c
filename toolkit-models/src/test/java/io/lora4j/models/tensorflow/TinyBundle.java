package io.lora4j.models.tensorflow;

import io.lora4j.models.source.ByteSource;
import io.lora4j.models.source.FileTree;
import io.lora4j.models.source.InMemory;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.tensorflow.framework.AttrValue;
import org.tensorflow.framework.GraphDef;
import org.tensorflow.framework.MetaGraphDef;
import org.tensorflow.framework.NodeDef;
import org.tensorflow.framework.SavedModel;
import org.tensorflow.framework.TensorProto;

/**
 * A SavedModel of a BERT of one layer, hidden size 4, two heads, written by the format's documents and not by the reader's code: a LevelDB
 * table in two data blocks, prefixes shared, checksums masked.
 */
final class TinyBundle {
    static final String PREFIX = "module/bert/";
    static final String DATA = "variables/variables.data-00000-of-00001";
    private static final String WORDS = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n";

    /** A variable: values 0, 1, 2, ... times its number. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Variable(long[] shape, byte[] data) {}

    final Map<String, Variable> variables = new TreeMap<>();
    final GraphDef.Builder graph = GraphDef.newBuilder();
    String vocabulary = WORDS;

    TinyBundle() {
        put("embeddings/word_embeddings", 7, 4);
        put("embeddings/position_embeddings", 5, 4);
        put("embeddings/token_type_embeddings", 2, 4);
        norm("embeddings/LayerNorm");
        for (String map : List.of("query", "key", "value")) {
            linear("encoder/layer_0/attention/self/" + map, 4, 4);
        }
        linear("encoder/layer_0/attention/output/dense", 4, 4);
        norm("encoder/layer_0/attention/output/LayerNorm");
        linear("encoder/layer_0/intermediate/dense", 4, 6);
        linear("encoder/layer_0/output/dense", 6, 4);
        norm("encoder/layer_0/output/LayerNorm");
        linear("pooler/dense", 4, 4);
        variables.put("module/cls/predictions/output_bias", floats(7));
        constant(
                PREFIX + "encoder/layer_0/attention/self/Reshape/shape/2",
                TensorProto.newBuilder().addIntVal(2));
        constant(
                PREFIX + "embeddings/LayerNorm/batchnorm/add/y",
                TensorProto.newBuilder().addFloatVal(1e-5f));
        graph.addNode(NodeDef.newBuilder()
                .setName(PREFIX + "encoder/layer_0/intermediate/dense/Erf")
                .setOp("Erf"));
    }

    private void constant(String name, TensorProto.Builder value) {
        graph.addNode(NodeDef.newBuilder()
                .setName(name)
                .setOp("Const")
                .putAttr("value", AttrValue.newBuilder().setTensor(value).build()));
    }

    TinyBundle put(String name, long... shape) {
        variables.put(PREFIX + name, floats(shape));
        return this;
    }

    private void linear(String name, long in, long out) {
        put(name + "/kernel", in, out);
        put(name + "/bias", out);
    }

    private void norm(String name) {
        put(name + "/gamma", 4);
        put(name + "/beta", 4);
    }

    static Variable floats(long... shape) {
        int length = 1;
        for (long dimension : shape) {
            length *= (int) dimension;
        }
        ByteBuffer data = ByteBuffer.allocate(4 * length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < length; i++) {
            data.putFloat(i);
        }
        return new Variable(shape, data.array());
    }

    byte[] data() {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        variables.values().forEach(variable -> data.writeBytes(variable.data()));
        return data.toByteArray();
    }

    /** Key to value of the index. */
    Map<String, byte[]> entries() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("", new Proto().integer(1, 1).bytes());
        long offset = 0;
        for (Map.Entry<String, Variable> e : variables.entrySet()) {
            Variable variable = e.getValue();
            entries.put(e.getKey(), entry(variable, variable.shape(), offset, variable.data().length));
            offset += variable.data().length;
        }
        return entries;
    }

    static byte[] entry(Variable variable, long[] shape, long offset, long size) {
        Proto dimensions = new Proto();
        for (long dimension : shape) {
            dimensions.message(2, new Proto().integer(1, dimension));
        }
        return new Proto()
                .integer(1, 1)
                .message(2, dimensions)
                .integer(4, offset)
                .integer(5, size)
                .fixed(6, masked(variable.data()))
                .bytes();
    }

    byte[] index() {
        return table(entries());
    }

    FileTree tree() {
        return tree(index(), data());
    }

    FileTree tree(byte[] index, byte[] data) {
        Map<String, ByteSource> files = new LinkedHashMap<>();
        add(files, "variables/variables.index", index);
        add(files, DATA, data);
        add(files, "saved_model.pb", savedModel());
        add(files, "assets/vocab.txt", vocabulary.getBytes(StandardCharsets.UTF_8));
        return new FileTree(Path.of("tiny"), files);
    }

    byte[] savedModel() {
        return SavedModel.newBuilder()
                .addMetaGraphs(MetaGraphDef.newBuilder().setGraphDef(graph))
                .build()
                .toByteArray();
    }

    private static void add(Map<String, ByteSource> files, String name, byte[] bytes) {
        files.put(name, InMemory.of(Path.of("tiny", name), bytes));
    }

    static int masked(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        int value = (int) crc.getValue();
        return ((value >>> 15) | (value << 17)) + 0xa282ead8;
    }

    /** A LevelDB table: entries in blocks of at most ten, a restart at each block's first entry. */
    static byte[] table(Map<String, byte[]> entries) {
        Proto file = new Proto();
        Map<String, byte[]> handles = new LinkedHashMap<>();
        List<Map.Entry<String, byte[]>> all = new ArrayList<>(entries.entrySet());
        for (int from = 0; from < all.size(); from += 10) {
            List<Map.Entry<String, byte[]>> part = all.subList(from, Math.min(all.size(), from + 10));
            handles.put(part.get(part.size() - 1).getKey(), block(file, part));
        }
        byte[] meta = block(file, List.of());
        byte[] index = block(file, new ArrayList<>(handles.entrySet()));
        Proto footer = new Proto().raw(meta).raw(index);
        footer.raw(new byte[40 - footer.bytes().length]).raw(magic());
        return file.raw(footer.bytes()).bytes();
    }

    static byte[] magic() {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0xdb4775248b80fb57L)
                .array();
    }

    /** Appends a block with its trailer and gives its handle. */
    static byte[] block(Proto file, List<Map.Entry<String, byte[]>> entries) {
        Proto block = new Proto();
        byte[] last = new byte[0];
        for (Map.Entry<String, byte[]> e : entries) {
            byte[] key = e.getKey().getBytes(StandardCharsets.UTF_8);
            int shared = Math.max(0, java.util.Arrays.mismatch(last, key));
            shared = Math.min(shared, Math.min(last.length, key.length));
            block.varint(shared).varint(key.length - shared).varint(e.getValue().length);
            block.raw(java.util.Arrays.copyOfRange(key, shared, key.length)).raw(e.getValue());
            last = key;
        }
        block.int32(0).int32(1); // one restart, at 0
        return append(file, block.bytes());
    }

    static byte[] append(Proto file, byte[] content) {
        long offset = file.bytes().length;
        byte[] typed = new Proto().raw(content).raw(new byte[] {0}).bytes();
        file.raw(typed).int32(masked(typed));
        return new Proto().varint(offset).varint(content.length).bytes();
    }

    /** Bytes in protobuf's wire format, which LevelDB's variable-length integers share. */
    static final class Proto {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        byte[] bytes() {
            return out.toByteArray();
        }

        Proto raw(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }

        Proto varint(long value) {
            long left = value;
            while ((left & ~0x7fL) != 0) {
                out.write((int) ((left & 0x7f) | 0x80));
                left >>>= 7;
            }
            out.write((int) left);
            return this;
        }

        Proto integer(int field, long value) {
            return varint((long) field << 3).varint(value);
        }

        Proto message(int field, Proto value) {
            return varint(((long) field << 3) | 2).varint(value.bytes().length).raw(value.bytes());
        }

        Proto fixed(int field, int value) {
            return varint(((long) field << 3) | 5).int32(value);
        }

        Proto int32(int value) {
            return raw(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
        }
    }
}
