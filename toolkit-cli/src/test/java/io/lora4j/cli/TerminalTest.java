package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Escape sequences go to terminals only, and to none whose user does not want them. */
class TerminalTest {
    private static final String ESCAPE = "\u001b[";

    private static Terminal terminal(String out, String err, Map<String, String> environment) {
        Properties properties = new Properties();
        properties.setProperty("lora4j.terminal.out", out);
        properties.setProperty("lora4j.terminal.err", err);
        return Terminal.of(properties, environment);
    }

    private static String helpAndError(Terminal terminal) {
        StringWriter written = new StringWriter();
        CommandLine command = Lora4jCommand.commandLine(new ShippedRecipes(Cli.RECIPES), terminal)
                .setOut(new PrintWriter(written))
                .setErr(new PrintWriter(written));
        assertEquals(0, command.execute("run", "--help"));
        assertEquals(2, command.execute("no-such-command"));
        return written.toString();
    }

    @Test
    void aTerminalGetsColours() {
        assertTrue(helpAndError(terminal("true", "true", Map.of())).contains(ESCAPE));
        assertTrue(
                helpAndError(terminal("true", "true", Map.of("NO_COLOR", ""))).contains(ESCAPE),
                "an empty one is none");
    }

    @Test
    void filesPipesAndNoColorGetNone() {
        assertFalse(helpAndError(Terminal.NONE).contains(ESCAPE));
        assertFalse(helpAndError(terminal("false", "true", Map.of())).contains(ESCAPE));
        assertFalse(helpAndError(terminal("true", "false", Map.of())).contains(ESCAPE));
        assertFalse(
                helpAndError(terminal("true", "true", Map.of("NO_COLOR", "1"))).contains(ESCAPE));
        assertFalse(
                helpAndError(terminal("true", "true", Map.of("TERM", "dumb"))).contains(ESCAPE));
    }
}
