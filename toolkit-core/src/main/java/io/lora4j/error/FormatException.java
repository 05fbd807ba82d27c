package io.lora4j.error;

import java.nio.file.Path;
import java.util.OptionalLong;

/** A file that is not what its format says it must be: truncated, overlapping, oversized, wrongly typed. */
public final class FormatException extends UserException {
    private static final long serialVersionUID = 1L;

    private final transient Path path;
    private final long offset;

    /**
     * @param path the file
     * @param offset byte offset at which the fault stands, counted from the file's beginning
     * @param what what is wrong there, with the value and the limit
     */
    public FormatException(Path path, long offset, String what) {
        super(path + ": " + what + " (at byte " + offset + ")");
        this.path = path;
        this.offset = offset;
    }

    /**
     * A fault that belongs to no single offset.
     *
     * @param path the file
     * @param what what is wrong, with the value and the limit
     */
    public FormatException(Path path, String what) {
        super(path + ": " + what);
        this.path = path;
        this.offset = -1;
    }

    /**
     * The file at fault.
     *
     * @return its path, as it was named by the caller
     */
    public Path path() {
        return path;
    }

    /**
     * Where in the file the fault stands.
     *
     * @return the byte offset from the file's beginning; empty where the parser knows none
     */
    public OptionalLong offset() {
        return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
    }
}
