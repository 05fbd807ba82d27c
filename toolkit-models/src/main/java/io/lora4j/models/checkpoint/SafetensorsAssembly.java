package io.lora4j.models.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.Checksum;

/**
 * Writes a safetensors file out of streams, in whatever order the source has its tensors, with bounded memory.
 *
 * <p>Names and shapes are declared first, so every tensor's place is known; then each is copied to its place. A matrix that the source
 * stores the other way round is transposed on the way: that takes the matrix in memory, everything else one block of
 * {@value #BLOCK_BYTES} bytes. All tensors are 32-bit floats, which is what exported encoders hold.
 */
public final class SafetensorsAssembly {
    private static final int BLOCK_BYTES = 1 << 16;

    private SafetensorsAssembly() {}

    /** Fills the declared places. */
    @FunctionalInterface
    public interface Body {
        /**
         * Copies every declared tensor once.
         *
         * @param sink where to
         * @throws IOException if reading or writing fails; an {@link EOFException} if a stream ends inside a tensor
         */
        void fill(Sink sink) throws IOException;
    }

    /**
     * Writes a file, replacing an existing one in a single step.
     *
     * @param file the file's final name; its folder must exist
     * @param shapes name to shape, each a 32-bit float tensor
     * @param metadata free-form strings for the header, often empty
     * @param body copies the tensors
     * @throws io.lora4j.error.UserException if reading or writing fails; the file stays as it was
     * @throws IllegalStateException if the body leaves a tensor out
     */
    public static void write(Path file, Map<String, List<Long>> shapes, Map<String, String> metadata, Body body) {
        List<SafetensorsLayout.Spec> specs = new ArrayList<>();
        shapes.forEach((name, shape) -> specs.add(new SafetensorsLayout.Spec(name, TensorType.F32, shape)));
        AtomicFile.write(file, beside -> {
            SafetensorsLayout layout = SafetensorsLayout.of(specs, metadata);
            try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                writeAt(channel, layout.header(), 0);
                Sink sink = new Sink(channel, layout.tensors());
                body.fill(sink);
                if (!sink.missing().isEmpty()) {
                    throw new IllegalStateException("tensors without content: " + sink.missing());
                }
            }
        });
    }

    private static void writeAt(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
    }

    /** The declared places of one file. */
    public static final class Sink {
        private final FileChannel channel;
        private final Map<String, TensorInfo> open;
        private final byte[] block = new byte[BLOCK_BYTES];

        private Sink(FileChannel channel, Map<String, TensorInfo> tensors) {
            this.channel = channel;
            this.open = new LinkedHashMap<>(tensors);
        }

        private Set<String> missing() {
            return new TreeSet<>(open.keySet());
        }

        private TensorInfo take(String name) {
            TensorInfo info = open.remove(name);
            if (info == null) {
                throw new IllegalStateException("tensor '" + name + "' was not declared or stands already");
            }
            return info;
        }

        /**
         * Copies a tensor as it is.
         *
         * @param name a declared name
         * @param in read for exactly the tensor's bytes, little-endian and row-major
         * @param sum updated with the bytes read
         * @throws EOFException if the stream ends first
         * @throws IOException if reading or writing fails
         */
        public void copy(String name, InputStream in, Checksum sum) throws IOException {
            TensorInfo info = take(name);
            for (long done = 0; done < info.bytes(); ) {
                int length = (int) Math.min(block.length, info.bytes() - done);
                readFully(in, block, length);
                sum.update(block, 0, length);
                writeAt(channel, ByteBuffer.wrap(block, 0, length), info.offset() + done);
                done += length;
            }
        }

        /**
         * Copies a matrix that is stored the other way round.
         *
         * @param name a declared name of shape [rows, columns]
         * @param in read for exactly the tensor's bytes, a [columns, rows] matrix, little-endian and row-major
         * @param sum updated with the bytes read
         * @throws EOFException if the stream ends first
         * @throws IOException if reading or writing fails
         */
        public void copyTransposed(String name, InputStream in, Checksum sum) throws IOException {
            TensorInfo info = take(name);
            int rows = Math.toIntExact(info.shape().get(0));
            int columns = Math.toIntExact(info.shape().get(1));
            int width = info.type().bytes();
            byte[] line = new byte[Math.multiplyExact(rows, width)];
            ByteBuffer matrix = ByteBuffer.allocate(Math.toIntExact(info.bytes()));
            for (int column = 0; column < columns; column++) {
                readFully(in, line, line.length);
                sum.update(line, 0, line.length);
                for (int row = 0; row < rows; row++) {
                    matrix.put((row * columns + column) * width, line, row * width, width);
                }
            }
            writeAt(channel, matrix, info.offset());
        }

        private static void readFully(InputStream in, byte[] into, int length) throws IOException {
            int read = in.readNBytes(into, 0, length);
            if (read < length) {
                throw new EOFException("the stream ends " + (length - read) + " bytes early");
            }
        }
    }
}
