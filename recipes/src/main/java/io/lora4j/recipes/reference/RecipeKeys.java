package io.lora4j.recipes.reference;

import io.lora4j.recipes.StudyReader;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every key that a recipe can have, flat, under the name by which an override sets it. */
public final class RecipeKeys {
    /** In the place of a method's name or label where all methods have a key, or nearly all. */
    public static final String ANY_METHOD = "METHOD";

    private static final int FEW = 4;

    private RecipeKeys() {}

    /**
     * A key.
     *
     * @param key its full name, e.g. {@code train.batch} or {@code methods.lora-ga.gamma}; {@code methods.METHOD.ratio} where METHOD stands for
     *     the name or label of any method that has it
     * @param type the values it may have, in words
     * @param fallback the value if it is not given, as a recipe would write it; null if it then has none
     * @param required whether it must be given
     * @param doc what it does
     * @param choices the names it can be set to, where there is a list of them
     */
    public record Entry(
            String key, String type, @Nullable String fallback, boolean required, String doc, List<String> choices) {
        /** Copies the list. */
        public Entry {
            choices = List.copyOf(choices);
        }
    }

    /**
     * All keys.
     *
     * @return keys in the order of the schema; a block's own key comes before those in it only if it can be written as a single value too
     */
    public static List<Entry> all() {
        List<Entry> entries = new ArrayList<>();
        addSection(StudyReader.schema(), "", entries);
        return entries;
    }

    /**
     * Every name by which an override can set a single value, for completion: {@link #all} with each method's own name in the place of {@link
     * #ANY_METHOD}, without what is a block only.
     *
     * @return name to the choices that there are, in the order of the schema; methods' items under their names
     */
    public static Map<String, List<String>> overrides() {
        Map<String, List<String>> found = new LinkedHashMap<>();
        for (Entry entry : all()) {
            found.put(entry.key(), entry.choices());
        }
        found.keySet().removeIf(key -> key.contains("." + ANY_METHOD + "."));
        for (Key<?> key : StudyReader.schema().keys()) {
            for (Shape.Named named : named(key.type().shape())) {
                for (Section<?> section : named.sections()) {
                    section.keys().stream()
                            .filter(each -> !each.name().equals(named.key()))
                            .forEach(each -> found.put(
                                    key.name() + "." + section.name() + "." + each.name(),
                                    choices(each.type().shape())));
                }
            }
        }
        return found;
    }

    /** The blocks by name that a shape holds. */
    static List<Shape.Named> named(Shape shape) {
        if (shape instanceof Shape.Named named) {
            return List.of(named);
        } else if (shape instanceof Shape.Several several) {
            return named(several.item());
        } else if (shape instanceof Shape.Either either) {
            return either.shapes().stream()
                    .flatMap(each -> named(each).stream())
                    .toList();
        }
        return List.of();
    }

    private static void addSection(Section<?> section, String prefix, List<Entry> entries) {
        for (Key<?> key : section.keys()) {
            String path = prefix + key.name();
            Shape shape = key.type().shape();
            if (!(shape instanceof Shape.Block)) {
                entries.add(entry(path, key));
            }
            addBelow(shape, path + ".", entries);
        }
    }

    private static void addBelow(Shape shape, String prefix, List<Entry> entries) {
        if (shape instanceof Shape.Block block) {
            addSection(block.section(), prefix, entries);
        } else if (shape instanceof Shape.Either either) {
            either.shapes().forEach(each -> addBelow(each, prefix, entries));
        } else if (shape instanceof Shape.Several several) {
            addBelow(several.item(), prefix, entries);
        } else if (shape instanceof Shape.Named named) {
            addNamed(named, prefix, entries);
        }
    }

    /** What many blocks share is listed once. */
    private static void addNamed(Shape.Named named, String prefix, List<Entry> entries) {
        Map<Key<?>, List<String>> blocksOf = new LinkedHashMap<>();
        for (Section<?> section : named.sections()) {
            for (Key<?> key : section.keys()) {
                blocksOf.computeIfAbsent(key, each -> new ArrayList<>()).add(section.name());
            }
        }
        blocksOf.forEach((key, blocks) -> {
            if (key.name().equals(named.key())) {
                return;
            }
            List<String> names = blocks.size() > FEW ? List.of(ANY_METHOD) : blocks;
            names.forEach(name -> entries.add(entry(prefix + name + "." + key.name(), key)));
        });
    }

    private static Entry entry(String path, Key<?> key) {
        Shape shape = key.type().shape();
        Object fallback = key.fallback();
        boolean required = key.required() && !isFilledIn(path);
        return new Entry(
                path,
                ShapeWords.of(shape, name -> name),
                fallback == null ? null : ShapeWords.value(fallback),
                required,
                key.doc(),
                choices(shape));
    }

    /** The reader names a recipe after its file: the one required key that need not be written. */
    static boolean isFilledIn(String path) {
        return path.equals("name");
    }

    /** The names that a shape lists. */
    static List<String> choices(Shape shape) {
        if (shape instanceof Shape.Choice choice) {
            return choice.names();
        } else if (shape instanceof Shape.Truth) {
            return List.of("true", "false");
        } else if (shape instanceof Shape.Several several) {
            return several.single() ? choices(several.item()) : List.of();
        } else if (shape instanceof Shape.Either either) {
            return either.shapes().stream()
                    .flatMap(each -> choices(each).stream())
                    .toList();
        }
        return List.of();
    }
}
