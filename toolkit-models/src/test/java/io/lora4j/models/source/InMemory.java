package io.lora4j.models.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;

/** Bytes for tests: of an array or of the class path. */
public final class InMemory {
    private InMemory() {}

    /** An array under a name. */
    public static ByteSource of(Path name, byte[] bytes) {
        return new ByteSource() {
            @Override
            public Path name() {
                return name;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        };
    }

    /** A resource by its absolute name. */
    public static ByteSource resource(String name) {
        return new ByteSource() {
            @Override
            public Path name() {
                return Path.of(name.substring(1));
            }

            @Override
            public InputStream open() throws IOException {
                return Objects.requireNonNull(InMemory.class.getResourceAsStream(name), name);
            }
        };
    }
}
