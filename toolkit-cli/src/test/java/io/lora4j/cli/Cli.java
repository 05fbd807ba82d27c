package io.lora4j.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import picocli.CommandLine;

/** Runs commands inside the test's own process. */
final class Cli {
    /** The repository's own recipes folder: Surefire runs in the module's folder. */
    static final Path RECIPES = Path.of("..", "recipes").toAbsolutePath().normalize();

    /**
     * What a command left behind.
     *
     * @param code its exit code
     * @param out its standard output
     * @param err its standard error
     */
    record Outcome(int code, String out, String err) {}

    private Cli() {}

    /** Runs one command with the repository's recipes and without a terminal. */
    static Outcome lora4j(String... words) {
        return lora4j(new ShippedRecipes(RECIPES), words);
    }

    /** Runs one command with a recipes folder of the test's own. */
    static Outcome lora4j(ShippedRecipes recipes, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Lora4jCommand.commandLine(recipes, Terminal.NONE)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err));
        int code = command.execute(words);
        command.getOut().flush();
        command.getErr().flush();
        return new Outcome(code, out.toString(), err.toString());
    }
}
