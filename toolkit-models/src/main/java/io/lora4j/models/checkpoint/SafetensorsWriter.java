package io.lora4j.models.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Writes arrays as safetensors files that every reader of the format accepts.
 *
 * <p>Layout: {@link SafetensorsLayout}, the reference writer's. The same arrays give the same bytes. For tensors that are not arrays in
 * memory there is {@link SafetensorsAssembly}.
 */
public final class SafetensorsWriter {
    private static final long WINDOW_BYTES = 1L << 30;

    private SafetensorsWriter() {}

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
        List<SafetensorsLayout.Spec> specs = new ArrayList<>();
        tensors.forEach((name, array) -> specs.add(new SafetensorsLayout.Spec(
                name,
                TensorType.of(array.dataType()),
                Arrays.stream(array.shape()).boxed().toList())));
        AtomicFile.write(file, beside -> {
            try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                SafetensorsLayout layout = SafetensorsLayout.of(specs, metadata);
                drain(channel, layout.header());
                for (TensorInfo info : layout.tensors().values()) {
                    INDArray array = tensors.get(info.name());
                    if (array != null && info.bytes() > 0) {
                        writeData(channel, array, info.bytes(), windowBytes);
                    }
                }
            }
        });
    }

    @SuppressWarnings("try") // the scope is held, not used
    private static void writeData(FileChannel channel, INDArray array, long bytes, long windowBytes)
            throws IOException {
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces();
                INDArray rowMajor = array.dup('c')) {
            Nd4j.getAffinityManager().ensureLocation(rowMajor, AffinityManager.Location.HOST);
            BytePointer data = new BytePointer(rowMajor.data().pointer());
            for (long done = 0; done < bytes; done += windowBytes) {
                long length = Math.min(windowBytes, bytes - done);
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
