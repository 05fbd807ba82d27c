package io.lora4j.models.source;

import io.lora4j.error.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Bytes that can be read from their beginning any number of times. */
public interface ByteSource {
    /**
     * What to call it in messages.
     *
     * @return a path, for an entry of an archive {@code archive!entry}
     */
    Path name();

    /**
     * Opens the bytes at their beginning.
     *
     * @return a new stream; the caller closes it
     * @throws IOException if that fails
     */
    InputStream open() throws IOException;

    /**
     * Reads a small source whole.
     *
     * @param limit bytes allowed
     * @return its content
     * @throws FormatException if it is longer; nothing beyond the limit is held
     * @throws IOException if reading fails
     */
    default byte[] readAll(int limit) throws IOException {
        try (InputStream in = open()) {
            byte[] bytes = in.readNBytes(limit);
            if (in.read() >= 0) {
                throw new FormatException(name(), limit, "the file is longer than the " + limit + " bytes allowed");
            }
            return bytes;
        }
    }

    /**
     * A file.
     *
     * @param file its path
     * @return its bytes, which are opened when they are read
     */
    static ByteSource of(Path file) {
        return new ByteSource() {
            @Override
            public Path name() {
                return file;
            }

            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(file);
            }
        };
    }
}
