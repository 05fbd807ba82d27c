package io.lora4j.cli;

/** The exit codes of the {@code lora4j} command. */
final class ExitCodes {
    /** Done. */
    static final int OK = 0;
    /** Something went wrong that the user is not known to have caused. */
    static final int FAILED = 1;
    /** Wrong usage, a faulty recipe, or a file or path that cannot be used. */
    static final int USAGE = 2;
    /** Training met a NaN or an infinity. */
    static final int DIVERGED = 3;
    /** Interrupted: 128 plus the number of SIGINT, as shells report it. */
    static final int INTERRUPTED = 130;

    private ExitCodes() {}
}
