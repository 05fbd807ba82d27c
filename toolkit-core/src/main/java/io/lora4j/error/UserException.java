package io.lora4j.error;

/**
 * Something the user can put right: a recipe, a path, a data file, a model name.
 *
 * <p>The message is complete as it stands (what, where, the limit, the next command) and is printed without a stack
 * trace; the command line maps it to exit code 2.
 */
public class UserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message the whole message for the user, one or more lines
     */
    public UserException(String message) {
        super(message);
    }

    /**
     * @param message the whole message for the user, one or more lines
     * @param cause what made it happen, for the log file only
     */
    public UserException(String message, Throwable cause) {
        super(message, cause);
    }
}
