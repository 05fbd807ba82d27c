package io.lora4j.cli;

import io.lora4j.datasets.BundledTask;
import io.lora4j.datasets.GlueTask;
import io.lora4j.models.ModelStore;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.method.Methods;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Section;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lora4j ls}: everything a recipe can name, and the keys it can have. */
@Command(
        name = "ls",
        mixinStandardHelpOptions = true,
        header = "Lists recipes, models, tasks, methods, and a recipe's keys.",
        footer = {"", "Examples:", "  lora4j ls", "  lora4j ls methods", "  lora4j ls keys"})
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class ListCommand implements Callable<Integer> {
    /** What can be listed; the names are what is typed. */
    enum Kind {
        recipes,
        models,
        tasks,
        methods,
        keys
    }

    /** What is listed if nothing is named. */
    private static final List<Kind> NAMES = List.of(Kind.recipes, Kind.models, Kind.tasks, Kind.methods);

    private final ShippedRecipes recipes;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "KIND",
            description = "One of ${COMPLETION-CANDIDATES}; all but keys if none is named.")
    private @Nullable Kind kind;

    ListCommand(ShippedRecipes recipes) {
        this.recipes = recipes;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (kind != null) {
            listing(kind).print(out, "");
            return ExitCodes.OK;
        }
        for (Kind each : NAMES) {
            out.println(each + ":");
            listing(each).print(out, "  ");
        }
        return ExitCodes.OK;
    }

    private Listing listing(Kind of) {
        Listing listing = new Listing();
        switch (of) {
            case recipes ->
                recipes.list()
                        .forEach(recipe -> listing.row(
                                recipe.name(),
                                RecipeReader.read(recipe.file(), List.of()).description()));
            case models -> ModelStore.knownNames().forEach(listing::row);
            case tasks -> {
                BundledTask.names().forEach(name -> listing.row(name, "bundled"));
                for (GlueTask task : GlueTask.values()) {
                    String metrics = task.metrics().stream()
                            .map(metric -> metric.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "));
                    listing.row(task.taskName(), "GLUE, needs data.dir; " + metrics);
                }
            }
            case methods ->
                Methods.ALL.forEach(method -> listing.row(method.name(), method.summary(), method.source()));
            case keys -> addKeys(listing, RecipeReader.schema(), "");
        }
        return listing;
    }

    private static void addKeys(Listing listing, Section<?> section, String prefix) {
        for (Key<?> key : section.keys()) {
            if (key.type() instanceof Section<?> below) {
                addKeys(listing, below, prefix + key.name() + ".");
            } else {
                listing.row(prefix + key.name(), key.doc());
            }
        }
    }
}
