package io.lora4j.models.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Writes safetensors files that every reader of the format accepts.
 *
 * <p>As the reference writer does (huggingface/safetensors {@code prepare} in {@code tensor.rs}): the header is padded with
 * spaces so that the data begin at a multiple of 8 bytes, and tensors are laid out by falling element size, then by name, so
 * that each is aligned to its element. The same arrays give the same bytes.
 */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;
    private static final long WINDOW_BYTES = 1L << 30;
    private static final JsonFactory JSON = new JsonFactory();

    private SafetensorsWriter() {}

    private record Entry(String name, INDArray array, TensorType type) {
        long bytes() {
            return array.length() * type.bytes();
        }
    }

    /**
     * Writes a file, replacing an existing one in a single step.
     *
     * @param file the file's final name; its folder must exist
     * @param tensors name to array; an array is stored row-major in its own shape and data type, whatever its order in memory.
     *     Arrays are only read
     * @param metadata free-form strings for the header, often empty
     * @throws io.lora4j.error.UserException if the disk refuses; the file stays as it was
     * @throws IllegalArgumentException if an array's type has no place in the format or the header would be too long to be read
     */
    public static void write(Path file, Map<String, INDArray> tensors, Map<String, String> metadata) {
        write(file, tensors, metadata, WINDOW_BYTES);
    }

    /** Writes a file, handing an array's bytes to the disk in windows of the given size. */
    static void write(Path file, Map<String, INDArray> tensors, Map<String, String> metadata, long windowBytes) {
        List<Entry> entries = new ArrayList<>();
        tensors.forEach((name, array) -> entries.add(new Entry(name, array, TensorType.of(array.dataType()))));
        entries.sort(Comparator.comparingInt((Entry e) -> -e.type().bytes()).thenComparing(Entry::name));
        AtomicFile.write(file, beside -> {
            try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                drain(channel, header(entries, metadata));
                for (Entry entry : entries) {
                    writeData(channel, entry, windowBytes);
                }
            }
        });
    }

    private static ByteBuffer header(List<Entry> entries, Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator generator = JSON.createGenerator(json)) {
            generator.writeStartObject();
            if (!metadata.isEmpty()) {
                generator.writeObjectFieldStart("__metadata__");
                for (Map.Entry<String, String> e : metadata.entrySet()) {
                    generator.writeStringField(e.getKey(), e.getValue());
                }
                generator.writeEndObject();
            }
            long offset = 0;
            for (Entry entry : entries) {
                writeEntry(generator, entry, offset);
                offset += entry.bytes();
            }
            generator.writeEndObject();
        }
        json.writeBytes(" ".repeat(Math.floorMod(-json.size(), ALIGNMENT)).getBytes(StandardCharsets.US_ASCII));
        if (json.size() > SafetensorsHeader.MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("the header would have " + json.size() + " bytes, the limit is "
                    + SafetensorsHeader.MAX_HEADER_BYTES);
        }
        return ByteBuffer.allocate(Long.BYTES + json.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.size())
                .put(json.toByteArray())
                .flip();
    }

    private static void writeEntry(JsonGenerator generator, Entry entry, long offset) throws IOException {
        generator.writeObjectFieldStart(entry.name());
        generator.writeStringField("dtype", entry.type().name());
        generator.writeFieldName("shape");
        long[] shape = entry.array().shape();
        generator.writeArray(shape, 0, shape.length);
        generator.writeFieldName("data_offsets");
        generator.writeArray(new long[] {offset, offset + entry.bytes()}, 0, 2);
        generator.writeEndObject();
    }

    @SuppressWarnings("try") // the scope is held, not used
    private static void writeData(FileChannel channel, Entry entry, long windowBytes) throws IOException {
        if (entry.bytes() == 0) {
            return;
        }
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces();
                INDArray rowMajor = entry.array().dup('c')) {
            Nd4j.getAffinityManager().ensureLocation(rowMajor, AffinityManager.Location.HOST);
            BytePointer data = new BytePointer(rowMajor.data().pointer());
            for (long done = 0; done < entry.bytes(); done += windowBytes) {
                long length = Math.min(windowBytes, entry.bytes() - done);
                drain(channel, data.getPointer(done).capacity(length).asByteBuffer());
            }
        }
    }

    private static void drain(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
