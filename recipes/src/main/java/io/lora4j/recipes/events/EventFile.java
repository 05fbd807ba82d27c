package io.lora4j.recipes.events;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.zip.CRC32C;
import org.nd4j.shade.protobuf.CodedOutputStream;
import org.tensorflow.framework.Summary;

/**
 * A TensorBoard event file that scalars are appended to. Between two calls it is closed, so that its folder can be moved on every platform and
 * nothing is lost when a run ends by force; whole records reach the file in one write. Not thread-safe.
 *
 * <p>The file is a sequence of TFRecords (tensorflow/core/lib/io/record_writer.h): length as uint64, its masked CRC-32C as uint32, the data, its
 * masked CRC-32C, all little-endian; masked is ((crc &gt;&gt;&gt; 15) | (crc &lt;&lt; 17)) + 0xa282ead8. Each is an {@code Event}
 * (tensorflow/core/util/event.proto): wall_time = 1, step = 2, file_version = 3 in the first one, session_log = 7 with the status START in the second,
 * summary = 5 in all others. The START makes readers forget what earlier files of the folder say of this step and later ones: a resumed trial may
 * repeat steps.
 */
public final class EventFile {
    private static final String VERSION = "brain.Event:2";
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;
    /** {@code SessionLog} with its field 1, the status, at START = 1. */
    private static final byte[] START = {8, 1};

    private static final int MASK_DELTA = 0xa282ead8;
    /** Two checksums and a length. */
    private static final int FRAME_BYTES = 16;

    private final Path file;
    private final InstantSource clock;
    private boolean started;

    private EventFile(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    /**
     * Begins a file, named as TensorBoard looks for it: {@code events.out.tfevents.SECONDS.lora4j}, with the first second that no other file has.
     *
     * @param folder an existing folder; TensorBoard shows one curve per folder
     * @param clock the time of every event
     * @return the file, with its first record
     * @throws UserException if it cannot be written
     */
    public static EventFile begin(Path folder, InstantSource clock) {
        Path file;
        long seconds = clock.instant().getEpochSecond();
        do {
            file = folder.resolve("events.out.tfevents." + seconds++ + ".lora4j");
        } while (Files.exists(file));
        EventFile events = new EventFile(file, clock);
        events.append(out -> out.writeString(FILE_VERSION, VERSION));
        return events;
    }

    /**
     * The file.
     *
     * @return its path
     */
    public Path file() {
        return file;
    }

    /**
     * Appends values of one step as one event. What is not finite is left out: TensorBoard draws no point for it.
     *
     * @param step the step
     * @param values for each tag, e.g. {@code train/loss}, its value, stored as float32
     * @throws UserException if it cannot be written
     */
    public void scalars(long step, Map<String, Double> values) {
        Summary.Builder summary = Summary.newBuilder();
        values.forEach((tag, value) -> {
            if (Float.isFinite(value.floatValue())) {
                summary.addValue(Summary.Value.newBuilder().setTag(tag).setSimpleValue(value.floatValue()));
            }
        });
        if (summary.getValueCount() > 0) {
            if (!started) {
                append(out -> {
                    out.writeInt64(STEP, step);
                    out.writeByteArray(SESSION_LOG, START);
                });
                started = true;
            }
            append(out -> {
                out.writeInt64(STEP, step);
                out.writeMessage(SUMMARY, summary.build());
            });
        }
    }

    /** What an event has beside its time. */
    @FunctionalInterface
    private interface Body {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private void append(Body body) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            Instant now = clock.instant();
            out.writeDouble(WALL_TIME, now.getEpochSecond() + now.getNano() * 1e-9);
            body.writeTo(out);
            out.flush();
            Files.write(file, record(bytes.toByteArray()), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UserException("cannot write " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    private static byte[] record(byte[] data) {
        ByteBuffer record = ByteBuffer.allocate(FRAME_BYTES + data.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(maskedCrc(record.array(), Long.BYTES));
        record.put(data);
        record.putInt(maskedCrc(data, data.length));
        return record.array();
    }

    private static int maskedCrc(byte[] bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        int crc = (int) checksum.getValue();
        return ((crc >>> 15) | (crc << 17)) + MASK_DELTA;
    }
}
