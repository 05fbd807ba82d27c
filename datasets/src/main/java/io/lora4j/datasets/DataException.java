package io.lora4j.datasets;

import io.lora4j.error.UserException;

/** A data file or folder that cannot be used: missing, empty, wrongly laid out, wrongly labelled, not UTF-8. */
public final class DataException extends UserException {
    private static final long serialVersionUID = 1L;

    /**
     * A fault that belongs to no single line.
     *
     * @param message the whole message: what, where, the limit and what to do
     */
    public DataException(String message) {
        super(message);
    }

    /**
     * A fault in one line of a file.
     *
     * @param file the file, as the user named it
     * @param line the line, counted from 1
     * @param what what is wrong there, and the limit
     */
    public DataException(Object file, long line, String what) {
        super(file + ", line " + line + ": " + what);
    }

    /**
     * A fault that another library found.
     *
     * @param message the whole message
     * @param cause what was found, for the log file
     */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
