package io.lora4j.cli;

import java.nio.file.Path;
import picocli.CommandLine;

/** The process: the only place that ends it. */
public final class Main {
    private Main() {}

    /**
     * Runs one command and ends the process with its exit code.
     *
     * @param arguments the command line's words
     */
    public static void main(String[] arguments) {
        // the launcher names the folder; without one, the working directory's
        Path recipes = Path.of(System.getProperty("lora4j.recipes", "recipes")).toAbsolutePath();
        CommandLine command = Lora4jCommand.commandLine(
                new ShippedRecipes(recipes), Terminal.of(System.getProperties(), System.getenv()));
        int code;
        try {
            code = command.execute(arguments);
        } catch (Error failure) {
            // picocli passes exceptions to Failures, but lets errors (no memory, a missing native library) through
            code = Failures.report(failure, command);
        }
        // ND4J and the tokenizer leave threads behind that would keep the process alive
        System.exit(code);
    }
}
