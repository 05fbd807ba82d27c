package io.lora4j.models.tensorflow;

import io.lora4j.error.FormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;
import org.nd4j.shade.protobuf.WireFormat;

/**
 * The index of a tensor bundle: which variables there are and where their bytes stand.
 *
 * <p>Format (tensorflow/tensorflow, {@code core/protobuf/tensor_bundle.proto} and {@code core/util/tensor_bundle/tensor_bundle.cc}): a
 * LevelDB table; the empty key holds a {@code BundleHeaderProto} (1 num_shards, 2 endianness), every other one a {@code
 * BundleEntryProto} (1 dtype, 2 shape, 3 shard_id, 4 offset, 5 size, 6 masked crc32c, 7 slices). Everything is checked before any data is
 * read: type against size, places against each other.
 *
 * @param shards number of data files
 * @param tensors name to variable
 */
record BundleIndex(int shards, Map<String, BundleTensor> tensors) {
    private static final int MAX_SHARDS = 1000;
    private static final int MAX_RANK = 8;

    /**
     * Reads an index.
     *
     * @param path its name for messages
     * @param file its bytes
     * @throws FormatException if it is damaged or describes something that cannot be read
     */
    static BundleIndex read(Path path, byte[] file) {
        Map<String, byte[]> table = new LinkedHashMap<>(LevelDbTable.read(path, file));
        byte[] header = table.remove("");
        if (header == null) {
            throw new FormatException(path, 0, "the index has no header, so it is no tensor bundle");
        }
        Reader reader = new Reader(path);
        int shards = reader.decode("the header", header, reader::header);
        Map<String, BundleTensor> tensors = new LinkedHashMap<>();
        table.forEach((name, value) -> tensors.put(
                name, reader.decode("variable '" + name + "'", value, in -> reader.entry(name, in, shards))));
        reader.checkPlaces(tensors.values());
        return new BundleIndex(shards, tensors);
    }

    @FunctionalInterface
    private interface Decoder<T> {
        T decode(CodedInputStream in) throws IOException;
    }

    private record Reader(Path path) {
        FormatException fault(String what) {
            return new FormatException(path, what);
        }

        <T> T decode(String what, byte[] value, Decoder<T> decoder) {
            try {
                return decoder.decode(CodedInputStream.newInstance(value));
            } catch (InvalidProtocolBufferException e) {
                throw fault(what + " is damaged: " + e.getMessage());
            } catch (IOException e) {
                throw new IllegalStateException("bytes in memory cannot fail", e);
            }
        }

        int header(CodedInputStream in) throws IOException {
            int shards = 0;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case 1 -> shards = in.readInt32();
                    case 2 -> {
                        if (in.readEnum() != 0) {
                            throw fault("the bundle is big-endian, which cannot be read");
                        }
                    }
                    default -> skip(in, tag);
                }
            }
            if (shards < 1 || shards > MAX_SHARDS) {
                throw fault("the header claims " + shards + " data files, allowed are 1 to " + MAX_SHARDS);
            }
            return shards;
        }

        BundleTensor entry(String name, CodedInputStream in, int shards) throws IOException {
            int type = 0;
            List<Long> shape = List.of();
            int shard = 0;
            long offset = 0;
            long size = 0;
            int crc = 0;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case 1 -> type = in.readEnum();
                    case 2 -> shape = shape(name, in);
                    case 3 -> shard = in.readInt32();
                    case 4 -> offset = in.readInt64();
                    case 5 -> size = in.readInt64();
                    case 6 -> crc = in.readFixed32();
                    case 7 -> throw fault("variable '" + name + "' is stored in slices, which cannot be read");
                    default -> skip(in, tag);
                }
            }
            if (shard < 0 || shard >= shards) {
                throw fault("variable '" + name + "' is in data file " + shard + " of " + shards);
            }
            if (offset < 0 || size < 0 || Long.MAX_VALUE - offset < size) {
                throw fault("variable '" + name + "' has " + Long.toUnsignedString(size) + " bytes at "
                        + Long.toUnsignedString(offset) + ", which no file can have");
            }
            if (type == BundleTensor.FLOAT && size != floats(name, shape)) {
                throw fault("variable '" + name + "' of shape " + shape + " needs " + floats(name, shape)
                        + " bytes but has " + size);
            }
            return new BundleTensor(name, type, shape, shard, offset, size, crc);
        }

        private long floats(String name, List<Long> shape) {
            try {
                long bytes = Float.BYTES;
                for (long dimension : shape) {
                    bytes = Math.multiplyExact(bytes, dimension);
                }
                return bytes;
            } catch (ArithmeticException e) {
                throw fault("variable '" + name + "' of shape " + shape + " needs more than 2^63 - 1 bytes");
            }
        }

        /** TensorShapeProto: repeated 2 dim { 1 size }, 3 unknown_rank. */
        private List<Long> shape(String name, CodedInputStream in) throws IOException {
            List<Long> shape = new ArrayList<>();
            int outer = in.pushLimit(in.readRawVarint32());
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag != WireFormat.WIRETYPE_LENGTH_DELIMITED + (2 << 3)) {
                    throw fault("variable '" + name + "' has no plain shape");
                }
                int inner = in.pushLimit(in.readRawVarint32());
                long size = 0;
                for (int t = in.readTag(); t != 0; t = in.readTag()) {
                    if (WireFormat.getTagFieldNumber(t) == 1) {
                        size = in.readInt64();
                    } else {
                        skip(in, t);
                    }
                }
                in.popLimit(inner);
                if (size < 0 || shape.size() == MAX_RANK) {
                    throw fault("variable '" + name + "' has the dimension " + size + " after " + shape);
                }
                shape.add(size);
            }
            in.popLimit(outer);
            return shape;
        }

        private void skip(CodedInputStream in, int tag) throws IOException {
            if (!in.skipField(tag)) {
                throw fault("a group ends that never began");
            }
        }

        void checkPlaces(Iterable<BundleTensor> tensors) {
            List<BundleTensor> sorted = new ArrayList<>();
            tensors.forEach(sorted::add);
            sorted.sort(Comparator.comparingInt(BundleTensor::shard).thenComparingLong(BundleTensor::offset));
            for (int i = 1; i < sorted.size(); i++) {
                BundleTensor before = sorted.get(i - 1);
                BundleTensor tensor = sorted.get(i);
                if (tensor.shard() == before.shard() && tensor.offset() < before.end()) {
                    throw fault("variable '" + tensor.name() + "' at byte " + tensor.offset() + " overlaps '"
                            + before.name() + "', which ends at byte " + before.end());
                }
            }
        }
    }
}
