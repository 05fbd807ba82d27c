package io.lora4j.cli;

import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lora4j cp}: a shipped recipe becomes the user's own file. */
@Command(
        name = "cp",
        mixinStandardHelpOptions = true,
        header = "Copies a shipped recipe, to be changed.",
        description = "Never overwrites a file.",
        footer = {
            "",
            "Examples:",
            "  lora4j cp quickstart mine.yaml",
            "  lora4j cp glue/cola experiments/",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class CopyCommand implements Callable<Integer> {
    private final ShippedRecipes recipes;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "RECIPE",
            description = "A shipped recipe's name; `lora4j ls recipes` lists them.")
    private String recipe;

    @Parameters(index = "1", paramLabel = "DEST", description = "A file that does not exist yet, or a folder.")
    private Path destination;

    CopyCommand(ShippedRecipes recipes) {
        this.recipes = recipes;
    }

    @Override
    public Integer call() throws IOException {
        Path source = recipes.shipped(recipe).file();
        Path target = Files.isDirectory(destination)
                ? destination.resolve(source.getFileName().toString())
                : destination;
        try {
            Files.copy(source, target);
        } catch (FileAlreadyExistsException exists) {
            throw new UserException(target + ": exists already and is not overwritten; name another file", exists);
        }
        spec.commandLine().getOut().println("copied to " + target + "; run it with: lora4j run " + target);
        return ExitCodes.OK;
    }
}
