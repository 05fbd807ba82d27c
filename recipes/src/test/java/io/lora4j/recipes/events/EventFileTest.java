package io.lora4j.recipes.events;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a reader that shares nothing with the writer; check_tensorboard.py reads the files left in target with TensorBoard itself. */
class EventFileTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000, 500_000_000));

    @TempDir
    private Path folder;

    /** The check value of CRC-32C (RFC 3720, appendix B.4 has others): so the reader is right. */
    @Test
    void theReadersChecksumIsCastagnolis() {
        assertEquals(0xe3069283, EventReader.crc32c("123456789".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(0x8a9136aa, EventReader.crc32c(new byte[32]));
    }

    /** The bytes of a file without a value, by hand from the specification. */
    @Test
    void theFirstRecordToTheByte() throws IOException {
        Path file = EventFile.begin(folder, CLOCK).file();
        assertEquals("events.out.tfevents.1700000000.lora4j", file.getFileName().toString());
        byte[] bytes = Files.readAllBytes(file);
        String event = "09" + littleEndian(1_700_000_000.5) + "1a0d"
                + HexFormat.of().formatHex("brain.Event:2".getBytes(StandardCharsets.US_ASCII));
        assertEquals(24, event.length() / 2);
        assertEquals("1800000000000000", HexFormat.of().formatHex(bytes, 0, 8));
        // TensorFlow's own files begin with these twelve bytes: the checksum of the length 24.
        assertEquals("a37f4b22", HexFormat.of().formatHex(bytes, 8, 12));
        assertEquals(event, HexFormat.of().formatHex(bytes, 12, 36));
        assertEquals(40, bytes.length);
    }

    private static String littleEndian(double value) {
        return HexFormat.of().toHexDigits(Long.reverseBytes(Double.doubleToLongBits(value)));
    }

    @Test
    void whatIsWrittenReadsBack() throws IOException {
        EventFile events = EventFile.begin(folder, CLOCK);
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("train/loss", 0.69);
        values.put("train/learning_rate", 0.0);
        values.put("train/grad_norm", 1e30);
        events.scalars(1, values);
        events.scalars(300, Map.of("dev/accuracy", 0.875));
        events.scalars(0, Map.of("ünïcode", -1.0));
        List<EventReader.Event> read = EventReader.read(events.file());
        assertEquals(5, read.size());
        assertEquals(new EventReader.Event(1_700_000_000.5, 0, "brain.Event:2", false, Map.of()), read.get(0));
        assertEquals(new EventReader.Event(1_700_000_000.5, 1, "", true, Map.of()), read.get(1));
        assertEquals(
                Map.of("train/loss", 0.69f, "train/learning_rate", 0f, "train/grad_norm", 1e30f),
                read.get(2).scalars());
        assertEquals(
                new EventReader.Event(1_700_000_000.5, 300, "", false, Map.of("dev/accuracy", 0.875f)), read.get(3));
        assertEquals(new EventReader.Event(1_700_000_000.5, 0, "", false, Map.of("ünïcode", -1f)), read.get(4));
    }

    /** The second process of a trial that was killed behind its last checkpoint takes its steps again. */
    @Test
    void aSecondFileReplacesWhatItRepeats() throws IOException {
        EventFile first = EventFile.begin(folder, CLOCK);
        for (int step = 1; step <= 5; step++) {
            first.scalars(step, Map.of("train/loss", 1.0));
        }
        EventFile second = EventFile.begin(folder, CLOCK);
        assertEquals(
                "events.out.tfevents.1700000001.lora4j",
                second.file().getFileName().toString());
        for (int step = 4; step <= 6; step++) {
            second.scalars(step, Map.of("train/loss", 2.0));
        }
        List<EventReader.Event> events = EventReader.readFolder(folder);
        assertEquals(
                List.of(1L, 2L, 3L, 4L, 5L, 6L),
                events.stream().map(EventReader.Event::step).toList());
        assertEquals(2f, events.get(3).scalars().get("train/loss"));
    }

    @Test
    void whatIsNotFiniteIsLeftOut() throws IOException {
        EventFile events = EventFile.begin(folder, CLOCK);
        events.scalars(1, Map.of("train/loss", Double.NaN));
        events.scalars(2, Map.of("train/loss", Double.POSITIVE_INFINITY, "train/grad_norm", 2.0));
        events.scalars(3, Map.of("train/loss", 1e300));
        List<EventReader.Event> read = EventReader.read(events.file());
        assertEquals(3, read.size());
        assertEquals(Map.of("train/grad_norm", 2f), read.get(2).scalars());
    }

    @Test
    void aChangedByteIsNoticed() throws IOException {
        EventFile events = EventFile.begin(folder, CLOCK);
        events.scalars(1, Map.of("train/loss", 0.5));
        byte[] good = Files.readAllBytes(events.file());
        for (int i = 0; i < good.length; i++) {
            byte[] bad = Arrays.copyOf(good, good.length);
            bad[i] ^= 4;
            Files.write(events.file(), bad);
            assertThrows(Exception.class, () -> EventReader.read(events.file()), "byte " + i);
        }
        Files.write(events.file(), good);
        assertArrayEquals(
                new long[] {0, 1, 1},
                EventReader.read(events.file()).stream()
                        .mapToLong(EventReader.Event::step)
                        .toArray());
    }

    @Test
    void aFolderThatIsNotThereIsTold() {
        UserException e = assertThrows(UserException.class, () -> EventFile.begin(folder.resolve("none"), CLOCK));
        assertTrue(e.getMessage().startsWith("cannot write " + folder.resolve("none")), e.getMessage());
    }

    /** For the check with TensorBoard: values of a formula that the script knows too. */
    @Test
    void leavesAFileForTensorBoard() throws IOException {
        Path target = Files.createDirectories(Path.of("target/tensorboard-check"));
        try (var old = Files.list(target)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        EventFile lost = EventFile.begin(target, CLOCK);
        lost.scalars(1, Map.of("train/loss", 7.0));
        lost.scalars(150, Map.of("train/loss", 7.0, "dev/accuracy", 7.0));
        EventFile events = EventFile.begin(target, InstantSource.system());
        for (int step = 1; step <= 200; step++) {
            events.scalars(step, Map.of("train/loss", 1.0 / step));
            if (step % 50 == 0) {
                events.scalars(step, Map.of("dev/accuracy", step / 256.0, "dev/matthews", -step / 512.0));
            }
        }
        assertEquals(2 + 200 + 4, EventReader.read(events.file()).size());
    }
}
