package io.lora4j.cli;

import io.lora4j.datasets.BundledTask;
import io.lora4j.datasets.GlueTask;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.recipes.StudyReader;
import io.lora4j.recipes.method.Methods;
import io.lora4j.recipes.reference.RecipeJsonSchema;
import io.lora4j.recipes.reference.RecipeKeys;
import io.lora4j.recipes.reference.RecipePage;
import io.lora4j.recipes.schema.Key;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lora4j ls}: everything a recipe can name, and the keys it can have. */
@Command(
        name = "ls",
        mixinStandardHelpOptions = true,
        header = "Lists recipes, models, tasks, methods, and a recipe's keys.",
        description = "schema prints the JSON Schema of recipes, by which editors complete and check them.",
        footer = {
            "",
            "Examples:",
            "  lora4j ls",
            "  lora4j ls methods",
            "  lora4j ls keys",
            "  lora4j ls tasks --json",
            "  lora4j ls schema > recipe.schema.json",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class ListCommand implements Callable<Integer> {
    /** What can be listed; the names are what is typed. */
    enum Kind {
        recipes,
        models,
        tasks,
        methods,
        keys,
        schema
    }

    /** What is listed if nothing is named. */
    private static final List<Kind> NAMES = List.of(Kind.recipes, Kind.models, Kind.tasks, Kind.methods);

    private final ShippedRecipes recipes;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "KIND",
            description = "One of ${COMPLETION-CANDIDATES}; all but keys and schema if none is named.")
    private @Nullable Kind kind;

    @Option(names = "--json", description = "One JSON array; an object of arrays if no KIND is named.")
    private boolean json;

    @Option(names = "--markdown", description = "With keys: the reference page of recipes.")
    private boolean markdown;

    /** One thing of a list: fields by name, the first of which is its name. */
    private record Item(Map<String, Object> fields, List<String> cells) {}

    ListCommand(ShippedRecipes recipes) {
        this.recipes = recipes;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (markdown && (kind != Kind.keys || json)) {
            throw new UserException("--markdown is for the keys alone: lora4j ls keys --markdown");
        }
        if (kind == Kind.schema) {
            out.print(RecipeJsonSchema.text());
        } else if (markdown) {
            out.print(RecipePage.markdown());
        } else if (json) {
            out.println(JsonText.of(kind != null ? fields(kind) : all()));
        } else if (kind != null) {
            listing(kind).print(out, "");
        } else {
            for (Kind each : NAMES) {
                out.println(each + ":");
                listing(each).print(out, "  ");
            }
        }
        out.flush();
        return ExitCodes.OK;
    }

    private Map<String, Object> all() {
        Map<String, Object> all = new LinkedHashMap<>();
        NAMES.forEach(each -> all.put(each.name(), fields(each)));
        return all;
    }

    private List<Map<String, Object>> fields(Kind of) {
        return items(of).stream().map(Item::fields).toList();
    }

    private Listing listing(Kind of) {
        Listing listing = new Listing();
        items(of).forEach(item -> listing.row(item.cells().toArray(String[]::new)));
        return listing;
    }

    private List<Item> items(Kind of) {
        return switch (of) {
            case recipes -> recipes.list().stream().map(ListCommand::recipe).toList();
            case models ->
                ModelStore.knownNames().stream()
                        .map(name -> new Item(Map.of("name", name), List.of(name)))
                        .toList();
            case tasks -> tasks();
            case methods ->
                Methods.ALL.stream()
                        .map(method -> new Item(
                                map(
                                        "name",
                                        method.name(),
                                        "summary",
                                        method.summary(),
                                        "source",
                                        method.source(),
                                        "keys",
                                        method.keys().stream().map(Key::name).toList()),
                                List.of(method.name(), method.summary(), method.source())))
                        .toList();
            case keys -> RecipeKeys.all().stream().map(ListCommand::key).toList();
            case schema -> List.of();
        };
    }

    private static Item recipe(ShippedRecipes.Shipped recipe) {
        String description = StudyReader.read(recipe.file(), List.of())
                .combinations()
                .get(0)
                .recipe()
                .description();
        return new Item(
                map(
                        "name",
                        recipe.name(),
                        "description",
                        description,
                        "file",
                        recipe.file().toString()),
                List.of(recipe.name(), description));
    }

    private static List<Item> tasks() {
        List<Item> items = new ArrayList<>();
        for (String name : BundledTask.names()) {
            items.add(new Item(map("name", name, "bundled", true), List.of(name, "bundled")));
        }
        for (GlueTask task : GlueTask.values()) {
            List<String> metrics = task.metrics().stream()
                    .map(metric -> metric.name().toLowerCase(Locale.ROOT))
                    .toList();
            items.add(new Item(
                    map("name", task.taskName(), "bundled", false, "metrics", metrics),
                    List.of(task.taskName(), "GLUE, needs data.dir; " + String.join(", ", metrics))));
        }
        return items;
    }

    private static Item key(RecipeKeys.Entry key) {
        Map<String, Object> fields =
                map("key", key.key(), "type", key.type(), "required", key.required(), "doc", key.doc());
        String fallback = key.fallback();
        if (fallback != null) {
            fields.put("default", fallback);
        }
        if (!key.choices().isEmpty()) {
            fields.put("choices", key.choices());
        }
        String value = key.required() ? "must be given" : fallback == null || fallback.equals("-") ? "" : fallback;
        return new Item(fields, List.of(key.key(), value, key.doc()));
    }

    private static Map<String, Object> map(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }
}
