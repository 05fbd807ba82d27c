package io.lora4j.recipes.reference;

import io.lora4j.recipes.StudyReader;
import io.lora4j.recipes.method.AdapterSettings;
import io.lora4j.recipes.method.MethodSettings;
import io.lora4j.recipes.method.MethodType;
import io.lora4j.recipes.method.Methods;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The reference page of recipes in Markdown: every key with its values, its default and what it does; every method with its source. */
public final class RecipePage {
    private static final String INTRODUCTION = """
            # Recipe reference

            Written by `lora4j ls keys --markdown` from the schema that reads recipes; a test compares.

            A recipe is a YAML 1.2 file. `model`, `task` and `methods` must be there, and a learning rate; all else has a default:

            ```yaml
            model: all-MiniLM-L6-v2
            task: paraphrase
            methods: [lora, lora-one]
            train: {learning_rate: 1e-3}
            ```

            Unknown keys, wrong types and values out of range are mistakes: `lora4j validate FILE` tells all of them at once, with line and
            suggestion. Numbers and truth values are written without quotes. What YAML 1.1 read differently (`yes`, `010`, `1_000`, merge keys) is
            refused with what to write instead.

            On the command line `KEY=VALUE` replaces a value, typed by this schema, and `~KEY` removes one. A key in a block is reached by dots, an
            item of a list by its number or by its name: `train.epochs=3`, `'train.seeds=[1,2,3]'`, `methods.lora-one.gamma=64`, `~train.steps`.

            Editors complete and check recipes by [recipe.schema.json](recipe.schema.json), also `lora4j ls schema`. In those that have the YAML
            language server it takes one comment line, with a path relative to the recipe or absolute:

            ```yaml
            # yaml-language-server: $schema=recipe.schema.json
            model: all-MiniLM-L6-v2
            ```

            """;

    private final StringBuilder page = new StringBuilder(INTRODUCTION);

    private RecipePage() {}

    /**
     * The page.
     *
     * @return Markdown that ends with a line break; the same for the same program
     */
    public static String markdown() {
        RecipePage made = new RecipePage();
        made.section("The recipe", StudyReader.schema(), "");
        made.methods();
        return made.page.toString();
    }

    /** A section's table, then those of its blocks. */
    private void section(String title, Section<?> section, String prefix) {
        page.append("## ").append(title).append("\n\n");
        table(section.keys(), prefix, Map.of());
        for (Key<?> key : section.keys()) {
            for (Section<?> below : blocks(key.type().shape())) {
                section("`" + prefix + key.name() + "`: " + key.doc(), below, prefix + key.name() + ".");
            }
        }
    }

    private static List<Section<?>> blocks(Shape shape) {
        List<Section<?>> blocks = new ArrayList<>();
        if (shape instanceof Shape.Block block) {
            blocks.add(block.section());
        } else if (shape instanceof Shape.Either either) {
            either.shapes().forEach(each -> blocks.addAll(blocks(each)));
        }
        return blocks;
    }

    private void table(List<? extends Key<?>> keys, String prefix, Map<String, Object> defaults) {
        page.append("| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
        for (Key<?> key : keys) {
            Object own = defaults.get(key.name());
            String fallback = ShapeWords.value(own == null ? key.fallback() : own);
            boolean required = key.required() && !RecipeKeys.isFilledIn(prefix + key.name());
            row(
                    "`" + key.name() + "`",
                    ShapeWords.of(key.type().shape(), RecipePage::code),
                    required ? "must be given" : fallback.equals("-") ? "-" : code(fallback),
                    key.doc());
        }
        page.append('\n');
        for (Key<?> key : keys) {
            List<String> names = RecipeKeys.choices(key.type().shape());
            if (names.size() > ShapeWords.MOST_NAMES && !hasNamed(key.type().shape())) {
                page.append("Names for `").append(key.name()).append("`: ");
                page.append(names.stream().map(RecipePage::code).collect(Collectors.joining(", ")));
                page.append(".\n\n");
            }
        }
    }

    /** Blocks that are described one by one further down. */
    private static boolean hasNamed(Shape shape) {
        return !RecipeKeys.named(shape).isEmpty();
    }

    private void methods() {
        Shape.Named named = StudyReader.schema().keys().stream()
                .flatMap(key -> RecipeKeys.named(key.type().shape()).stream())
                .findFirst()
                .orElseThrow();
        page.append("## Methods\n\n");
        page.append("An item of `methods` is a method's name, or a block with its name and more keys. ");
        page.append("Where a recipe has no `head-only`, it is added: the row to beat.\n\n");
        page.append("| method | what it is | source |\n| --- | --- | --- |\n");
        for (MethodType method : Methods.ALL) {
            row("[`" + method.name() + "`](#" + method.name() + ")", method.summary(), method.source());
        }
        page.append("\nKeys of every method:\n\n");
        table(commonKeys(named), "methods.", Map.of());
        page.append("### Parts of every method with adapters\n\n");
        page.append(
                "They combine freely. What makes no sense with a method is refused with the reason; where a method has another default, it ");
        page.append("is named below.\n\n");
        table(Methods.ADAPTER_KEYS, "methods.", plain());
        Methods.ALL.forEach(this::method);
    }

    private static List<Key<?>> commonKeys(Shape.Named named) {
        List<Key<?>> common = new ArrayList<>(named.sections().get(0).keys());
        named.sections().forEach(section -> common.retainAll(section.keys()));
        return common;
    }

    private void method(MethodType method) {
        page.append("### ").append(method.name()).append("\n\n");
        page.append(method.summary())
                .append(".\nSource: ")
                .append(method.source())
                .append(".\n\n");
        MethodSettings settings = method.defaults();
        if (settings instanceof AdapterSettings adapters) {
            String others = others(adapters);
            if (!others.isEmpty()) {
                page.append("Default here: ").append(others).append(".\n\n");
            }
        }
        List<Key<?>> own = new ArrayList<>(method.keys());
        own.removeAll(Methods.ADAPTER_KEYS);
        if (!own.isEmpty()) {
            table(own, "methods.", settings.toMap());
        }
    }

    /** Common parts that are not LoRA's. */
    private static String others(AdapterSettings adapters) {
        Map<String, Object> plain = plain();
        Map<String, Object> own = adapters.ownMap();
        return adapters.toMap().entrySet().stream()
                .filter(part -> !own.containsKey(part.getKey()))
                .filter(part -> !part.getValue().equals(plain.get(part.getKey())))
                .map(part -> code(part.getKey() + ": " + ShapeWords.value(part.getValue())))
                .collect(Collectors.joining(", "));
    }

    /** The common parts as LoRA has them: without any. */
    private static Map<String, Object> plain() {
        MethodType lora = Objects.requireNonNull(Methods.byName().get("lora"));
        return lora.defaults().toMap();
    }

    private void row(String... cells) {
        for (String cell : cells) {
            page.append("| ").append(cell.replace("|", "\\|")).append(' ');
        }
        page.append("|\n");
    }

    private static String code(String text) {
        return "`" + text + "`";
    }
}
