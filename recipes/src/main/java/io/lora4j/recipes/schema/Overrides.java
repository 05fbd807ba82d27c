package io.lora4j.recipes.schema;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lays {@code key=value} over a recipe.
 *
 * <ul>
 *   <li>The key is a path with dots: {@code train.batch=16}. In a list a step is the item's number, counted from 0, or the item's
 *       name: {@code methods.lora-one.gamma=64}.
 *   <li>The argument is split at the first {@code =}; the value may hold more of them.
 *   <li>A value in brackets, braces or quotes is YAML ({@code train.seeds=[1, 2]}), all else is taken as it stands.
 *   <li>{@code ~key} removes a key.
 *   <li>Where the recipe has a single name ({@code model: NAME}) and the path goes deeper, the name becomes the key {@code name}.
 * </ul>
 *
 * <p>Later arguments win. Whether a key exists is the schema's question; its problem then names the override.
 */
public final class Overrides {
    private final Problems problems;

    private Overrides(Problems problems) {
        this.problems = problems;
    }

    /**
     * Applies overrides in order.
     *
     * @param tree the recipe's file
     * @param overrides {@code key=value} or {@code ~key}
     * @param workingDirectory the folder against which relative paths typed on the command line are resolved
     * @param problems told of every override that cannot be applied
     * @return the changed tree; {@code tree} itself stays as it is
     */
    public static Tree.Mapping apply(
            Tree.Mapping tree, List<String> overrides, Path workingDirectory, Problems problems) {
        Overrides applier = new Overrides(problems);
        Tree result = tree;
        for (String override : overrides) {
            result = applier.apply(result, override, workingDirectory);
        }
        return (Tree.Mapping) result;
    }

    /**
     * Sets one key, as {@code key=value} does.
     *
     * @param tree a recipe's file
     * @param key the key's path with dots
     * @param value its value, which knows where it was written
     * @param origin where the key was written
     * @param problems told if the path leads nowhere
     * @return the changed tree; {@code tree} itself stays as it is
     */
    public static Tree.Mapping set(Tree.Mapping tree, String key, Tree value, Origin origin, Problems problems) {
        List<String> steps = List.of(key.split("\\.", -1));
        if (steps.contains("")) {
            problems.add(origin, "\"" + key + "\" is no key; write e.g. adapter.rank");
            return tree;
        }
        return (Tree.Mapping) new Overrides(problems).change(tree, steps, 0, value, origin);
    }

    private Tree apply(Tree tree, String override, Path workingDirectory) {
        Origin origin = new Origin("command line: " + override, Origin.NO_LINE, workingDirectory);
        boolean remove = override.startsWith("~");
        int split = override.indexOf('=');
        String path = remove
                ? override.substring(1)
                : split < 0 ? "" : override.substring(0, split).strip();
        List<String> steps = List.of(path.split("\\.", -1));
        if (remove == (split >= 0) || steps.contains("")) {
            problems.add(
                    origin, "write KEY=VALUE to set a key, ~KEY to remove one, e.g. train.batch=16 or ~train.steps");
            return tree;
        }
        Tree value = remove ? null : YamlTree.value(override.substring(split + 1), origin, problems);
        if (!remove && value == null) {
            return tree; // told
        }
        return change(tree, steps, 0, value, origin);
    }

    /** Changes what the steps from {@code at} on lead to; a null value removes it. */
    private Tree change(Tree tree, List<String> steps, int at, @Nullable Tree value, Origin origin) {
        if (tree instanceof Tree.Sequence sequence) {
            return changeItem(sequence, steps, at, value, origin);
        }
        Tree.Mapping mapping = asMapping(tree, origin);
        Map<String, Tree.Entry> entries = new LinkedHashMap<>(mapping.entries());
        String key = steps.get(at);
        Tree.Entry old = entries.get(key);
        if (at < steps.size() - 1) {
            if (value == null && old == null) {
                return nothingToRemove(tree, steps, origin);
            }
            Tree below = old == null ? new Tree.Mapping(Map.of(), origin) : old.value();
            Origin keyOrigin = old == null ? origin : old.keyOrigin();
            entries.put(key, new Tree.Entry(keyOrigin, change(below, steps, at + 1, value, origin)));
        } else if (value != null) {
            entries.put(key, new Tree.Entry(origin, value));
        } else if (entries.remove(key) == null) {
            return nothingToRemove(tree, steps, origin);
        }
        return new Tree.Mapping(entries, mapping.origin());
    }

    private Tree changeItem(Tree.Sequence sequence, List<String> steps, int at, @Nullable Tree value, Origin origin) {
        List<Tree> items = new ArrayList<>(sequence.items());
        int index = indexOf(items, steps.get(at));
        if (index < 0) {
            String name = String.join(".", steps.subList(0, at));
            problems.add(
                    origin,
                    "the list " + name + " has no item \"" + steps.get(at) + "\"; it has " + items.size()
                            + " (0 is the first): " + String.join(", ", names(items)));
            return sequence;
        }
        if (at < steps.size() - 1) {
            items.set(index, change(items.get(index), steps, at + 1, value, origin));
        } else if (value != null) {
            items.set(index, value);
        } else {
            items.remove(index);
        }
        return new Tree.Sequence(items, sequence.origin());
    }

    private static int indexOf(List<Tree> items, String step) {
        if (step.matches("[0-9]{1,4}")) {
            int index = Integer.parseInt(step);
            return index < items.size() ? index : -1;
        }
        return names(items).indexOf(step);
    }

    /** What an item is called: its label, else its name, else its own text. */
    private static List<String> names(List<Tree> items) {
        List<String> names = new ArrayList<>();
        for (Tree item : items) {
            Tree named = item;
            if (item instanceof Tree.Mapping mapping) {
                Tree.Entry entry = mapping.entries()
                        .getOrDefault("label", mapping.entries().get("name"));
                named = entry == null ? item : entry.value();
            }
            names.add(named instanceof Tree.Scalar scalar ? scalar.text() : "(unnamed)");
        }
        return names;
    }

    private Tree nothingToRemove(Tree tree, List<String> steps, Origin origin) {
        problems.add(origin, "the recipe has no key " + String.join(".", steps) + " to remove");
        return tree;
    }

    private static Tree.Mapping asMapping(Tree tree, Origin origin) {
        if (tree instanceof Tree.Mapping mapping) {
            return mapping;
        }
        Map<String, Tree.Entry> entries = new LinkedHashMap<>();
        if (tree instanceof Tree.Scalar scalar && !scalar.isNull()) {
            entries.put("name", new Tree.Entry(scalar.origin(), scalar));
        }
        return new Tree.Mapping(entries, origin);
    }
}
