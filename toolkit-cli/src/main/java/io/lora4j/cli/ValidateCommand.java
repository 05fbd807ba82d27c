package io.lora4j.cli;

import io.lora4j.recipes.Combination;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.SearchChoice;
import io.lora4j.recipes.Study;
import io.lora4j.recipes.StudyReader;
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
        Study study = StudyReader.read(file, overrides);
        if (!study.isPlain()) {
            spec.commandLine().getOut().println(file + ": valid; " + describe(study));
            return ExitCodes.OK;
        }
        Recipe valid = study.combinations().get(0).recipe();
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
            Study study = StudyReader.read(file, overrides);
            map.put("valid", true);
            map.put("recipe", study.combinations().get(0).recipe().toMap());
            if (!study.isPlain()) {
                map.put(
                        "combinations",
                        study.combinations().stream().map(Combination::name).toList());
                map.put("comparisons", study.comparisons());
                map.put("trials", study.trials());
            }
        } catch (RecipeException wrong) {
            map.put("valid", false);
            map.put("problems", wrong.problems());
            code = ExitCodes.USAGE;
        }
        spec.commandLine().getOut().println(JsonText.of(map));
        return code;
    }

    /** How much there is to do, and what every method gets. */
    private static String describe(Study study) {
        Combination first = study.combinations().get(0);
        SearchChoice search = first.search();
        int combinations = study.combinations().size();
        return "a study of " + combinations + (combinations == 1 ? " combination, " : " combinations, ")
                + study.comparisons() + (study.comparisons() == 1 ? " comparison, " : " comparisons, ") + study.trials()
                + " trials"
                + (search == null
                        ? ""
                        : "; search: " + search.trials() + " candidates for each method, " + search.describe());
    }
}
