package io.lora4j.recipes;

import io.lora4j.error.Suggestions;
import io.lora4j.recipes.method.MethodSettings;
import io.lora4j.recipes.method.MethodType;
import io.lora4j.recipes.method.Methods;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Shape;
import io.lora4j.recipes.schema.Tree;
import io.lora4j.recipes.schema.Type;
import io.lora4j.recipes.schema.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An item of {@code methods}: a method's name, or a block with its name, its label, its learning rate and its own settings. */
final class MethodEntryType implements Type<MethodEntry> {
    private static final Pattern LABEL_FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._+=()-]{0,99}");
    private static final Key<String> NAME = Key.required("name", Types.text(), "the method");
    private static final Key<String> LABEL = Key.optional(
            "label",
            Types.text("text of up to 100 letters, digits, spaces and . _ + = ( ) -", LABEL_FORM),
            "what tables call it; the method's name if not given");
    private static final Key<List<Double>> LEARNING_RATE = Key.optional(
            "learning_rate",
            Types.oneOrMore(Types.above(0)),
            "peak learning rate or rates of this method; train.learning_rate if not given (head-only: 0.01)");

    private static final Key<Tree> GRID = Key.optional(
            "grid",
            new GridType(),
            "values of the method's settings that a search tries, beside its rates: grid: {gamma: [16, 64]}");

    @Override
    public @Nullable MethodEntry read(Tree tree, String path, Problems problems) {
        Tree nameTree = tree;
        if (tree instanceof Tree.Mapping mapping) {
            Tree.Entry entry = mapping.entries().get(NAME.name());
            if (entry == null) {
                problems.add(tree.origin(), path + ": an item's name is missing: " + String.join(" | ", names()));
                return null;
            }
            nameTree = entry.value();
        }
        if (!(nameTree instanceof Tree.Scalar name)) {
            problems.add(nameTree.origin(), path + " must be " + describe() + ", not " + nameTree.describe());
            return null;
        }
        MethodType type = Methods.byName().get(name.text());
        if (type == null) {
            problems.add(
                    name.origin(),
                    path + ": unknown method \"" + name.text() + "\"" + Suggestions.hint(name.text(), names()));
            return null;
        }
        String here = path + "." + type.name();
        Tree own = withoutParts(tree, type, here, problems);
        Section<MethodEntry> section = section(type);
        Tree.Entry grid =
                own instanceof Tree.Mapping mapping ? mapping.entries().get(GRID.name()) : null;
        if (grid == null) {
            return section.read(own, here, problems);
        }
        Tree.Mapping mapping = (Tree.Mapping) own;
        Map<String, Tree.Entry> rest = new LinkedHashMap<>(mapping.entries());
        rest.remove(GRID.name());
        return new GridReader(type, section, LEARNING_RATE.name(), here, problems)
                .read(new Tree.Mapping(rest, mapping.origin()), grid.value());
    }

    /** A grid, for lists of keys; {@link GridReader} reads it together with the rest of the method. */
    private static final class GridType implements Type<Tree> {
        @Override
        public Tree read(Tree tree, String path, Problems problems) {
            return tree;
        }

        @Override
        public Shape shape() {
            return new Shape.Lists("a block of the method's own keys, each with a list of values");
        }

        @Override
        public String describe() {
            return "a block of the method's own settings (and learning_rate), each with a list of values";
        }
    }

    /** A part of adapters that was given to a method without adapters is told with the reason, not as an unknown key. */
    private static Tree withoutParts(Tree tree, MethodType type, String path, Problems problems) {
        if (!(tree instanceof Tree.Mapping mapping) || type.keys().containsAll(Methods.ADAPTER_KEYS)) {
            return tree;
        }
        Map<String, Tree.Entry> kept = new LinkedHashMap<>(mapping.entries());
        for (Key<?> key : Methods.ADAPTER_KEYS) {
            Tree.Entry entry = kept.remove(key.name());
            if (entry != null) {
                problems.add(
                        entry.keyOrigin(),
                        path + "." + key.name() + ": " + type.name()
                                + " trains no adapters that it could change; remove it");
            }
        }
        return new Tree.Mapping(kept, mapping.origin());
    }

    private static Section<MethodEntry> section(MethodType type) {
        List<Key<?>> keys = new ArrayList<>(List.of(NAME, LABEL, LEARNING_RATE, GRID));
        keys.addAll(type.keys());
        return new Section<>(type.name(), keys, NAME, (values, problems) -> {
            String label = values.find(LABEL);
            List<Double> rates = values.find(LEARNING_RATE);
            MethodSettings settings = type.settings().read(values, problems);
            return settings == null
                    ? null
                    : new MethodEntry(
                            new Recipe.MethodChoice(
                                    label == null ? type.name() : label, settings, rates == null ? List.of() : rates),
                            values.origin());
        });
    }

    private static List<String> names() {
        Map<String, MethodType> byName = Methods.byName();
        return List.copyOf(byName.keySet());
    }

    @Override
    public String describe() {
        return String.join(" | ", names())
                + " or a block of keys (name, label, learning_rate, grid, the method's own settings)";
    }

    @Override
    public Shape shape() {
        List<Section<?>> blocks = new ArrayList<>();
        Methods.ALL.forEach(type -> blocks.add(section(type)));
        return new Shape.Either(List.of(new Shape.Choice(names()), new Shape.Named(NAME.name(), blocks)));
    }
}
