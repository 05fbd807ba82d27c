package io.lora4j.recipes.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads event files by the specification alone (TFRecord framing, protobuf's wire format), sharing nothing with the writer: its own CRC-32C, bit by
 * bit, and no protobuf library.
 */
public final class EventReader {
    private EventReader() {}

    /** One event: its version is empty but in the first of a file, start is that of a session. */
    public record Event(double wallTime, long step, String version, boolean start, Map<String, Float> scalars) {}

    /** The events with values of a folder's files as TensorBoard takes them: a session's start ends what was said of its step and later ones. */
    public static List<Event> readFolder(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.getFileName().toString().contains("tfevents"))
                    .sorted()
                    .toList();
        }
        List<Event> values = new ArrayList<>();
        for (Path file : files) {
            for (Event event : read(file)) {
                if (event.start()) {
                    values.removeIf(earlier -> earlier.step() >= event.step());
                } else if (event.version().isEmpty()) {
                    values.add(event);
                }
            }
        }
        return values;
    }

    /** All events of a file. */
    public static List<Event> read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int begin = bytes.position();
            int length = Math.toIntExact(bytes.getLong());
            check(bytes, begin, Long.BYTES);
            byte[] data = new byte[length];
            int at = bytes.position();
            bytes.get(data);
            check(bytes, at, length);
            events.add(event(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN)));
        }
        return events;
    }

    private static void check(ByteBuffer bytes, int begin, int length) throws IOException {
        byte[] covered = new byte[length];
        bytes.get(begin, covered);
        int crc = crc32c(covered);
        int masked = Integer.rotateRight(crc, 15) + 0xa282ead8;
        if (masked != bytes.getInt()) {
            throw new IOException("wrong checksum at " + begin);
        }
    }

    /** Castagnoli's polynomial, reflected. */
    static int crc32c(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f63b78;
            }
        }
        return ~crc;
    }

    private static Event event(ByteBuffer in) throws IOException {
        double wallTime = Double.NaN;
        long step = 0;
        String version = "";
        boolean start = false;
        Map<String, Float> scalars = new LinkedHashMap<>();
        while (in.hasRemaining()) {
            int tag = (int) varint(in);
            switch (tag) {
                case (1 << 3) | 1 -> wallTime = in.getDouble();
                case 2 << 3 -> step = varint(in);
                case (3 << 3) | 2 ->
                    version = StandardCharsets.UTF_8.decode(message(in)).toString();
                case (5 << 3) | 2 -> summary(message(in), scalars);
                case (7 << 3) | 2 -> {
                    ByteBuffer log = message(in);
                    start = varint(log) == 1 << 3 && varint(log) == 1;
                }
                default -> throw new IOException("field " + (tag >> 3) + " of type " + (tag & 7));
            }
        }
        return new Event(wallTime, step, version, start, scalars);
    }

    private static void summary(ByteBuffer in, Map<String, Float> scalars) throws IOException {
        while (in.hasRemaining()) {
            require(varint(in) == ((1 << 3) | 2));
            ByteBuffer value = message(in);
            require(varint(value) == ((1 << 3) | 2));
            String tag = StandardCharsets.UTF_8.decode(message(value)).toString();
            // Proto3 leaves out zeros, but not in a oneof.
            require(varint(value) == ((2 << 3) | 5));
            scalars.put(tag, value.getFloat());
            require(!value.hasRemaining());
        }
    }

    private static void require(boolean condition) throws IOException {
        if (!condition) {
            throw new IOException("not the message that was expected");
        }
    }

    private static ByteBuffer message(ByteBuffer in) {
        int length = (int) varint(in);
        ByteBuffer part = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return part;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }
}
