package io.lora4j.models.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.lora4j.error.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header of a safetensors file, read and checked against the file's size.
 *
 * <p>Format (huggingface/safetensors, README "Format" and {@code Metadata::validate} in {@code tensor.rs}): 8 bytes
 * little-endian header length n; n bytes of JSON that begin with <code>{</code> and may end with spaces; then the data.
 * Offsets are relative to the data's first byte, half-open, and together cover the data without overlap and without hole.
 *
 * @param metadata the free-form {@code __metadata__} strings; empty if there are none
 * @param tensors name to tensor, in the order of their data
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, TensorInfo> tensors) {
    /** Bound of the header's length: 25 MB holds some 200,000 tensors. */
    static final long MAX_HEADER_BYTES = 25_000_000;

    private static final int LENGTH_BYTES = 8;
    private static final String METADATA_KEY = "__metadata__";
    private static final JsonFactory JSON = new JsonFactory();

    /**
     * Reads and checks the header. Nothing but the header's own bytes is allocated, and those only after their number was
     * checked against the file's size and the bound.
     *
     * @param path the file's name for messages
     * @param channel the open file
     * @return the header; every tensor in it lies inside the file
     * @throws FormatException if anything in it is not as the format demands; for broken JSON the offset is where the parser
     *     stopped, at most a few bytes behind the fault
     * @throws IOException if reading fails
     */
    static SafetensorsHeader read(Path path, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < LENGTH_BYTES) {
            throw new FormatException(
                    path,
                    size,
                    "the file has " + size + " bytes and ends inside the 8-byte header length of safetensors");
        }
        long length = readFully(path, channel, 0, LENGTH_BYTES).getLong();
        if (length < 0 || length > MAX_HEADER_BYTES) {
            throw new FormatException(
                    path,
                    0,
                    "the header length is " + Long.toUnsignedString(length) + " bytes, the limit is " + MAX_HEADER_BYTES
                            + "; this is no safetensors file or its beginning is damaged");
        }
        if (length > size - LENGTH_BYTES) {
            throw new FormatException(
                    path,
                    size,
                    "the header length is " + length + " bytes but only " + (size - LENGTH_BYTES)
                            + " follow; the file is truncated");
        }
        byte[] json = readFully(path, channel, LENGTH_BYTES, (int) length).array();
        if (json.length == 0 || json[0] != '{') {
            throw new FormatException(path, LENGTH_BYTES, "the header does not begin with '{'");
        }
        for (int i = 0; i < json.length; i++) {
            if (json[i] == 0) { // a JSON parser would take this for UTF-16
                throw new FormatException(
                        path, LENGTH_BYTES + i, "the header holds a zero byte, so it is not JSON in UTF-8");
            }
        }
        return new Reader(path, LENGTH_BYTES + length, size).read(json);
    }

    private static ByteBuffer readFully(Path path, FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            long at = position + buffer.position();
            if (channel.read(buffer, at) < 0) {
                throw new FormatException(path, at, "the file ends inside its header");
            }
        }
        return buffer.flip();
    }

    /** One pass over one header. */
    private static final class Reader {
        private final Path path;
        private final long dataStart;
        private final long dataLength;
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final Set<String> names = new HashSet<>();
        private final List<TensorInfo> tensors = new ArrayList<>();
        private String current = "";

        Reader(Path path, long dataStart, long fileSize) {
            this.path = path;
            this.dataStart = dataStart;
            this.dataLength = fileSize - dataStart;
        }

        SafetensorsHeader read(byte[] json) throws IOException {
            try (JsonParser parser = JSON.createParser(json)) {
                try {
                    readEntries(parser);
                } catch (JsonProcessingException e) {
                    JsonLocation where = e.getLocation() == null ? parser.currentLocation() : e.getLocation();
                    throw new FormatException(
                            path,
                            LENGTH_BYTES + Math.max(0, where.getByteOffset()),
                            "the header is not valid JSON"
                                    + (current.isEmpty() ? "" : " at or after tensor '" + current + "'") + ": "
                                    + e.getOriginalMessage());
                }
            }
            return new SafetensorsHeader(metadata, inDataOrder());
        }

        private void readEntries(JsonParser parser) throws IOException {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                current = parser.currentName();
                long at = here(parser);
                if (!names.add(current)) {
                    throw fault(at, current, "stands twice in the header");
                }
                parser.nextToken();
                if (current.equals(METADATA_KEY)) {
                    readMetadata(parser);
                } else {
                    tensors.add(readTensor(parser, current, at));
                }
            }
            if (parser.nextToken() != null) {
                throw new FormatException(path, here(parser), "the header goes on after its closing '}'");
            }
        }

        private void readMetadata(JsonParser parser) throws IOException {
            require(parser, JsonToken.START_OBJECT, METADATA_KEY, "must be an object of strings");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                if (metadata.containsKey(key)) {
                    throw fault(here(parser), METADATA_KEY, "has the key '" + key + "' twice");
                }
                parser.nextToken();
                require(parser, JsonToken.VALUE_STRING, METADATA_KEY, "key '" + key + "' must be a string");
                metadata.put(key, parser.getText());
            }
        }

        private TensorInfo readTensor(JsonParser parser, String name, long at) throws IOException {
            require(parser, JsonToken.START_OBJECT, name, "must be an object of dtype, shape and data_offsets");
            TensorType type = null;
            List<Long> shape = null;
            List<Long> range = null;
            Set<String> keys = new HashSet<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                if (!keys.add(key)) {
                    throw fault(here(parser), name, "has the key '" + key + "' twice");
                }
                parser.nextToken();
                switch (key) {
                    case "dtype" -> type = readType(parser, name);
                    case "shape" -> shape = readLongs(parser, name, key);
                    case "data_offsets" -> range = readLongs(parser, name, key);
                    default -> throw fault(here(parser), name, "has the unknown key '" + key + "'");
                }
            }
            if (type == null || shape == null || range == null) {
                String missing = type == null ? "dtype" : shape == null ? "shape" : "data_offsets";
                throw fault(at, name, "has no " + missing);
            }
            return checked(name, type, shape, range, at);
        }

        private TensorType readType(JsonParser parser, String name) throws IOException {
            require(parser, JsonToken.VALUE_STRING, name, "dtype must be a string");
            TensorType type = TensorType.find(parser.getText());
            if (type == null) {
                throw fault(
                        here(parser),
                        name,
                        "has the unknown dtype '" + parser.getText() + "'; known are " + List.of(TensorType.values()));
            }
            return type;
        }

        private List<Long> readLongs(JsonParser parser, String name, String key) throws IOException {
            require(parser, JsonToken.START_ARRAY, name, key + " must be a list of integers");
            List<Long> values = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                require(parser, JsonToken.VALUE_NUMBER_INT, name, key + " must be a list of integers");
                boolean fits = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
                if (!fits || parser.getLongValue() < 0) {
                    throw fault(
                            here(parser),
                            name,
                            "has " + parser.getText() + " in " + key + ", allowed are 0 to 2^63 - 1");
                }
                values.add(parser.getLongValue());
            }
            return values;
        }

        private TensorInfo checked(String name, TensorType type, List<Long> shape, List<Long> range, long at) {
            if (range.size() != 2) {
                throw fault(at, name, "has " + range.size() + " data_offsets instead of 2");
            }
            long begin = range.get(0);
            long end = range.get(1);
            if (begin > end) {
                throw fault(at, name, "has data_offsets " + range + " that end before they begin");
            }
            if (end > dataLength) {
                throw fault(
                        dataStart + dataLength,
                        name,
                        "has data_offsets " + range + " but the file holds only " + dataLength
                                + " bytes of data; the file is truncated or the offsets are wrong");
            }
            long bytes = bytes(name, type, shape, at);
            if (bytes != end - begin) {
                throw fault(
                        at,
                        name,
                        "of type " + type + " and shape " + shape + " needs " + bytes + " bytes but its data_offsets "
                                + range + " hold " + (end - begin));
            }
            return new TensorInfo(name, type, shape, dataStart + begin, bytes);
        }

        private long bytes(String name, TensorType type, List<Long> shape, long at) {
            try {
                long product = type.bytes();
                for (long dimension : shape) {
                    product = Math.multiplyExact(product, dimension);
                }
                return product;
            } catch (ArithmeticException e) {
                throw fault(at, name, "of type " + type + " and shape " + shape + " needs more than 2^63 - 1 bytes");
            }
        }

        /** Sorts by offset and demands that the tensors cover the data exactly once. */
        private Map<String, TensorInfo> inDataOrder() {
            tensors.sort(Comparator.comparingLong(TensorInfo::offset)
                    .thenComparingLong(TensorInfo::bytes)
                    .thenComparing(TensorInfo::name));
            Map<String, TensorInfo> byName = new LinkedHashMap<>();
            long expected = dataStart;
            String previous = "the header";
            for (TensorInfo info : tensors) {
                if (info.offset() < expected) {
                    throw fault(
                            info.offset(), info.name(), "overlaps " + previous + ", which ends at byte " + expected);
                }
                if (info.offset() > expected) {
                    throw fault(
                            expected,
                            info.name(),
                            "begins at byte " + info.offset() + " but " + previous + " ends at byte " + expected
                                    + "; the format allows no hole");
                }
                expected += info.bytes();
                previous = "tensor '" + info.name() + "'";
                byName.put(info.name(), info);
            }
            if (expected != dataStart + dataLength) {
                throw new FormatException(
                        path,
                        expected,
                        "the data end with " + previous + " but the file has " + (dataStart + dataLength - expected)
                                + " more bytes, which belong to no tensor");
            }
            return byName;
        }

        private void require(JsonParser parser, JsonToken token, String name, String what) throws IOException {
            if (parser.currentToken() != token) {
                throw fault(here(parser), name, what);
            }
        }

        private FormatException fault(long at, String name, String what) {
            return new FormatException(path, at, "tensor '" + name + "' " + what);
        }

        private static long here(JsonParser parser) {
            return LENGTH_BYTES + parser.currentTokenLocation().getByteOffset();
        }
    }
}
