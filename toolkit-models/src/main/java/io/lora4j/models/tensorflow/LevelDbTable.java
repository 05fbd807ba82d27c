package io.lora4j.models.tensorflow;

import io.lora4j.error.FormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A LevelDB table read whole: sorted keys with their values.
 *
 * <p>Format (google/leveldb, {@code doc/table_format.md} and {@code table/format.cc}): data blocks, a meta-index block, an index block
 * whose values point at the data blocks, and a footer of 48 bytes with two block handles and a magic number. A block is followed by one
 * byte for its compression (0, none, is the only one here) and the masked CRC-32C of block and byte. In a block every key shares a
 * prefix with the one before; the block ends with the restart offsets and their number.
 */
final class LevelDbTable {
    private static final int FOOTER_BYTES = 48;
    private static final int TRAILER_BYTES = 5;
    private static final int MAX_KEY_BYTES = 1024;
    private static final int MAX_ENTRIES = 100_000;
    private static final long MAGIC = 0xdb4775248b80fb57L;

    private final Path path;
    private final byte[] file;
    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private byte[] lastKey = new byte[0];

    private LevelDbTable(Path path, byte[] file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Reads a table.
     *
     * @param path its name for messages
     * @param file its bytes
     * @return key to value, in the order of the keys
     * @throws FormatException if anything is not as the format demands, with the offset
     */
    static Map<String, byte[]> read(Path path, byte[] file) {
        LevelDbTable table = new LevelDbTable(path, file);
        table.read();
        return table.entries;
    }

    private FormatException fault(long at, String what) {
        return new FormatException(path, at, what);
    }

    private void read() {
        int footer = file.length - FOOTER_BYTES;
        if (footer < 0) {
            throw fault(file.length, "the file has " + file.length + " bytes, a LevelDB table has at least 48");
        }
        long magic = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(file.length - Long.BYTES);
        if (magic != MAGIC) {
            throw fault(
                    file.length - Long.BYTES,
                    "this is no LevelDB table or it is cut off: it does not end with the table's magic number");
        }
        Cursor handles = new Cursor(footer, file.length - Long.BYTES);
        block(handles, footer); // the meta-index, which is checked and not needed
        Cursor index = block(handles, footer);
        while (index.hasMore()) {
            index.skipKey();
            Cursor data = block(index.value(), footer);
            while (data.hasMore()) {
                add(data);
            }
        }
    }

    private void add(Cursor data) {
        int at = data.position;
        byte[] key = data.key();
        if (!entries.isEmpty() && Arrays.compareUnsigned(lastKey, key) >= 0) {
            throw fault(at, "the keys are not in strictly rising order");
        }
        if (entries.size() == MAX_ENTRIES) {
            throw fault(at, "the table has more than " + MAX_ENTRIES + " entries");
        }
        lastKey = key;
        Cursor value = data.value();
        entries.put(new String(key, StandardCharsets.UTF_8), Arrays.copyOfRange(file, value.position, value.end));
    }

    /** Follows a block handle, checks the block, and gives its entries without the restart offsets. */
    private Cursor block(Cursor handle, int footer) {
        int at = handle.position;
        long offset = handle.varint();
        long size = handle.varint();
        if (offset < 0 || size < 4 || offset > footer || size > footer - TRAILER_BYTES - offset) {
            throw fault(
                    at,
                    "a block of " + Long.toUnsignedString(size) + " bytes at " + Long.toUnsignedString(offset)
                            + " is not inside the file of " + file.length + " bytes");
        }
        int begin = (int) offset;
        int end = (int) (offset + size);
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        CRC32C crc = new CRC32C();
        crc.update(file, begin, end + 1 - begin);
        if (bytes.getInt(end + 1) != MaskedCrc.of(crc)) {
            throw fault(
                    begin, "the checksum (crc32c) of the block of " + size + " bytes is wrong; the file is damaged");
        }
        if (file[end] != 0) {
            throw fault(end, "the block has the compression " + file[end] + "; only uncompressed blocks can be read");
        }
        int restarts = bytes.getInt(end - 4);
        if (restarts < 0 || restarts > (size - 4) / 4) {
            throw fault(end - 4, "the block claims to have " + Integer.toUnsignedString(restarts) + " restarts");
        }
        return new Cursor(begin, end - 4 - 4 * restarts);
    }

    /** A position in a stretch of the file; never leaves it. */
    private final class Cursor {
        private int position;
        private final int end;
        private byte[] previous = new byte[0];
        private int valueLength;

        Cursor(int position, int end) {
            this.position = position;
            this.end = end;
        }

        boolean hasMore() {
            return position < end;
        }

        long varint() {
            long value = 0;
            int begin = position;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                if (position >= end) {
                    throw fault(begin, "a number ends outside its block");
                }
                byte next = file[position++];
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw fault(begin, "a number has more than 10 bytes");
        }

        private int length(String what, long limit) {
            int at = position;
            long value = varint();
            if (value < 0 || value > limit) {
                throw fault(
                        at, "an entry " + what + " " + Long.toUnsignedString(value) + " bytes, allowed are " + limit);
            }
            return (int) value;
        }

        byte[] key() {
            int shared = length("shares a key of", previous.length);
            int own = length("has a key of", Math.min((long) end - position, MAX_KEY_BYTES - shared));
            valueLength = length("has a value of", (long) end - position);
            if ((long) own + valueLength > end - position) {
                throw fault(position, "an entry of " + own + " and " + valueLength + " bytes does not fit its block");
            }
            byte[] key = Arrays.copyOf(previous, shared + own);
            System.arraycopy(file, position, key, shared, own);
            position += own;
            previous = key;
            return key;
        }

        void skipKey() {
            key();
        }

        /** The value of the key read last; this cursor then stands behind it. */
        Cursor value() {
            Cursor value = new Cursor(position, position + valueLength);
            position += valueLength;
            return value;
        }
    }
}
