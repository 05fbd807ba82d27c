package io.lora4j.cli;

import java.util.Map;
import java.util.Properties;

/**
 * What the two output streams are connected to.
 *
 * <p>Java 17 cannot tell for each stream alone, so the launcher asks the shell and passes the answer as system properties {@code
 * lora4j.terminal.out}, {@code lora4j.terminal.err} and {@code lora4j.columns}; without a launcher neither is taken for a terminal.
 *
 * @param out whether standard output is a terminal
 * @param err whether standard error is a terminal
 * @param colour whether escape sequences for colours may be written to a stream that is a terminal (no-color.org: not if
 *     {@code NO_COLOR} is set and not empty)
 * @param columns the terminal's width in characters, at least 40
 */
record Terminal(boolean out, boolean err, boolean colour, int columns) {
    private static final int DEFAULT_COLUMNS = 80;
    private static final int LEAST_COLUMNS = 40;

    /** No terminal at all: neither colours nor a progress bar. */
    static final Terminal NONE = new Terminal(false, false, false, DEFAULT_COLUMNS);

    /**
     * Reads what the launcher found out.
     *
     * @param properties the system properties
     * @param environment the environment variables
     * @return the terminal
     */
    static Terminal of(Properties properties, Map<String, String> environment) {
        boolean colour = environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(environment.getOrDefault("TERM", ""));
        return new Terminal(
                Boolean.parseBoolean(properties.getProperty("lora4j.terminal.out")),
                Boolean.parseBoolean(properties.getProperty("lora4j.terminal.err")),
                colour,
                columns(properties.getProperty("lora4j.columns", "")));
    }

    private static int columns(String text) {
        try {
            return Math.max(LEAST_COLUMNS, Integer.parseInt(text.strip()));
        } catch (NumberFormatException notANumber) {
            return DEFAULT_COLUMNS;
        }
    }
}
