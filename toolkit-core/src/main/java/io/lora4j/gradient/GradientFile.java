package io.lora4j.gradient;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays one after the other in a file of this process's own, each read when it is wanted. */
final class GradientFile {
    private GradientFile() {}

    static Map<String, Supplier<INDArray>> write(Path file, Map<String, Supplier<INDArray>> arrays) {
        Map<String, Supplier<INDArray>> onDisk = new LinkedHashMap<>();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            arrays.forEach((name, supplier) -> {
                try {
                    INDArray array = supplier.get().dup('f');
                    long position = channel.position();
                    ByteBuffer bytes = bytes(array);
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                    DataType type = array.dataType();
                    long[] shape = array.shape();
                    onDisk.put(name, () -> read(file, position, type, shape));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return onDisk;
    }

    @SuppressWarnings("try") // the scope is held, not used
    private static INDArray read(Path file, long position, DataType type, long[] shape) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            INDArray array = Nd4j.createUninitialized(type, shape, 'f');
            ByteBuffer bytes = bytes(array);
            channel.position(position);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes) < 0) {
                    throw new EOFException(file + " is shorter than it was");
                }
            }
            return array;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The memory of a whole array; a matrix of a network's layer is far from the 2 GiB that a buffer can have. */
    private static ByteBuffer bytes(INDArray array) {
        ByteBuffer bytes = array.data().pointer().asByteBuffer();
        return bytes.limit(Math.toIntExact(array.length() * array.dataType().width()));
    }
}
