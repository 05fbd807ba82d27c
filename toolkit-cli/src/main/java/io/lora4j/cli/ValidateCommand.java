package io.lora4j.cli;

import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.schema.RecipeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lora4j validate}: reads a recipe and its overrides without running anything. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        header = "Checks a recipe and tells all of its mistakes at once.",
        description = {
            "Looks at the recipe alone: neither the model nor the data need be there.",
            "With --json one object: valid, and the recipe with every default; or its problems, each with file and line. The exit code is 2 for a"
                    + " recipe with problems, with or without --json.",
        },
        footer = {
            "",
            "Examples:",
            "  lora4j validate mine.yaml",
            "  lora4j validate glue/cola data.dir=DIR adapter.rank=16",
            "  lora4j validate mine.yaml --json",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class ValidateCommand implements Callable<Integer> {
    private final ShippedRecipes recipes;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "A recipe file, or a shipped recipe's name.")
    private String recipe;

    @Parameters(
            index = "1..*",
            paramLabel = "KEY=VALUE",
            description = "Replaces a value of the recipe; ~KEY removes one. `lora4j ls keys` lists the keys.")
    private List<String> overrides = List.of();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    ValidateCommand(ShippedRecipes recipes) {
        this.recipes = recipes;
    }

    @Override
    public Integer call() {
        Path file = recipes.resolve(recipe);
        if (json) {
            return printJson(file);
        }
        Recipe valid = RecipeReader.read(file, overrides);
        int rows = valid.methods().stream()
                .mapToInt(method -> method.learningRates().size())
                .sum();
        int seeds = valid.train().seeds().size();
        spec.commandLine()
                .getOut()
                .println(file + ": valid; " + valid.task().name() + " with "
                        + valid.model().name() + ", " + rows + (rows == 1 ? " row, " : " rows, ") + seeds
                        + (seeds == 1 ? " seed" : " seeds"));
        return ExitCodes.OK;
    }

    private int printJson(Path file) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("file", file.toString());
        int code = ExitCodes.OK;
        try {
            Recipe recipe = RecipeReader.read(file, overrides);
            map.put("valid", true);
            map.put("recipe", recipe.toMap());
        } catch (RecipeException wrong) {
            map.put("valid", false);
            map.put("problems", wrong.problems());
            code = ExitCodes.USAGE;
        }
        spec.commandLine().getOut().println(JsonText.of(map));
        return code;
    }
}
