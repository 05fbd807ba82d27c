package io.lora4j.datasets.reader;

/** A row that its layout does not allow. The message completes a sentence that begins with file and line. */
public final class MalformedRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long line;

    /**
     * @param line the line on which the row begins, counted from 1
     * @param what what is wrong with the row
     */
    public MalformedRecordException(long line, String what) {
        super(what);
        this.line = line;
    }

    /**
     * @param line the line on which the row begins, counted from 1
     * @param what what is wrong with the row
     * @param cause what the parser said
     */
    public MalformedRecordException(long line, String what, Throwable cause) {
        super(what, cause);
        this.line = line;
    }

    /**
     * Where the row is.
     *
     * @return the line on which it begins, counted from 1
     */
    public long line() {
        return line;
    }
}
