package io.lora4j.models.checkpoint;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A safetensors file, opened for reading.
 *
 * <p>{@link #open} reads and checks the whole header; {@link #read} maps one tensor's bytes and copies them once, outside the
 * Java heap, into a new ND4J array. That one copy stays: an ND4J 1.0.0-M2.1 array over mapped memory would have no alignment
 * promise, would not move to a GPU, and would end the process, not raise an exception, when somebody wrote into it.
 *
 * <p>Tensors are mapped one by one in windows of at most 1 GiB, so neither a file nor a tensor is limited to 2 GiB. Any
 * alignment of the data is read. Thread-safe.
 */
public final class SafetensorsFile implements AutoCloseable {
    private static final long WINDOW_BYTES = 1L << 30;

    private final Path path;
    private final FileChannel channel;
    private final SafetensorsHeader header;
    private final long windowBytes;

    private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header, long windowBytes) {
        this.windowBytes = windowBytes;
        this.path = path;
        this.channel = channel;
        this.header = header;
    }

    /**
     * Opens a file and checks its header against its size.
     *
     * @param path the file
     * @return the open file; the caller closes it
     * @throws FormatException if it is not a well-formed safetensors file; the message names the tensor and the byte offset
     * @throws UserException if it cannot be read
     */
    public static SafetensorsFile open(Path path) {
        return open(path, WINDOW_BYTES);
    }

    /** Opens a file whose tensors are mapped in windows of the given size. */
    static SafetensorsFile open(Path path, long windowBytes) {
        FileChannel channel;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            throw new UserException("no such file: " + path, e);
        } catch (IOException e) {
            throw new UserException("cannot open " + path + ": " + e.getMessage(), e);
        }
        SafetensorsHeader header = null;
        try {
            header = SafetensorsHeader.read(path, channel);
            return new SafetensorsFile(path, channel, header, windowBytes);
        } catch (IOException e) {
            throw new UserException("cannot read " + path + ": " + e.getMessage(), e);
        } finally {
            if (header == null) {
                closeQuietly(channel);
            }
        }
    }

    /**
     * The file.
     *
     * @return its path as it was given
     */
    public Path path() {
        return path;
    }

    /**
     * The header's free-form strings.
     *
     * @return an unmodifiable map, empty if the file has none
     */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    /**
     * The tensors' names.
     *
     * @return an unmodifiable set in the order of the data
     */
    public Set<String> names() {
        return Collections.unmodifiableSet(header.tensors().keySet());
    }

    /**
     * What a tensor is and where it stands.
     *
     * @param name a tensor's name
     * @return its description, or null if the file has no tensor of that name
     */
    public @Nullable TensorInfo find(String name) {
        return header.tensors().get(name);
    }

    /**
     * Reads a tensor into a new array outside any workspace.
     *
     * @param name a tensor's name
     * @param dataType the array's type; another type than the stored one costs a second copy (exact from F16, BF16 and F32 to
     *     wider types)
     * @return a new 'c'-ordered array of the stored shape; it belongs to the caller and does not depend on this file
     * @throws FormatException if ND4J has no type for the stored one
     * @throws IllegalArgumentException if the file has no tensor of that name
     */
    @SuppressWarnings("try") // the scope is held, not used
    public INDArray read(String name, DataType dataType) {
        TensorInfo info = find(name);
        if (info == null) {
            throw new IllegalArgumentException("no tensor '" + name + "' in " + path);
        }
        DataType stored = info.type().dataType();
        if (stored == null) {
            throw new FormatException(
                    path, info.offset(), "tensor '" + name + "' has type " + info.type() + ", which cannot be read");
        }
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new UnsupportedOperationException("safetensors files are little-endian, this machine is not");
        }
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            INDArray array = Nd4j.createUninitialized(stored, info.shapeArray(), 'c');
            if (info.bytes() > 0) {
                fill(array, info);
            }
            return stored == dataType ? array : array.castTo(dataType);
        } catch (IOException e) {
            throw new UserException("cannot read tensor '" + name + "' of " + path + ": " + e.getMessage(), e);
        }
    }

    private void fill(INDArray array, TensorInfo info) throws IOException {
        AffinityManager affinity = Nd4j.getAffinityManager();
        affinity.ensureLocation(array, AffinityManager.Location.HOST);
        BytePointer target = new BytePointer(array.data().pointer());
        for (long done = 0; done < info.bytes(); done += windowBytes) {
            long length = Math.min(windowBytes, info.bytes() - done);
            ByteBuffer window = channel.map(FileChannel.MapMode.READ_ONLY, info.offset() + done, length);
            Pointer.memcpy(target.getPointer(done), new BytePointer(window), length);
        }
        affinity.tagLocation(array, AffinityManager.Location.HOST);
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // The failure that led here is the one to report.
        }
    }

    /** Closes the file; arrays read before stay valid. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
