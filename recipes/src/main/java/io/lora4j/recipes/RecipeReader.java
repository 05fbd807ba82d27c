package io.lora4j.recipes;

import io.lora4j.recipes.schema.Origin;
import io.lora4j.recipes.schema.Overrides;
import io.lora4j.recipes.schema.Places;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.RecipeException;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Tree;
import io.lora4j.recipes.schema.YamlTree;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads recipes.
 *
 * <p>Relative paths in the file are resolved against the file's folder; relative paths in overrides, which are typed on a command
 * line, against the current working directory. The files a path names are not looked at: a recipe is valid before its data is there.
 */
public final class RecipeReader {
    private RecipeReader() {}

    /**
     * Reads a recipe file.
     *
     * @param file the file; messages name it as it is given here
     * @param overrides {@code key=value} and {@code ~key}, applied in order (see {@link Overrides})
     * @return the recipe
     * @throws RecipeException with every problem of the file and the overrides
     */
    public static Recipe read(Path file, List<String> overrides) {
        return read(file, overrides, Path.of("").toAbsolutePath());
    }

    /**
     * Reads a recipe file.
     *
     * @param file the file; messages name it as it is given here
     * @param overrides {@code key=value} and {@code ~key}, applied in order (see {@link Overrides})
     * @param workingDirectory the folder against which relative paths in overrides are resolved, absolute
     * @return the recipe
     * @throws RecipeException with every problem of the file and the overrides
     */
    public static Recipe read(Path file, List<String> overrides, Path workingDirectory) {
        Problems problems = new Problems(Places.of(RecipeSchema.ROOT));
        Tree.Mapping tree = YamlTree.read(file, problems);
        if (tree != null) {
            Tree.Mapping changed = Overrides.apply(tree, overrides, workingDirectory, problems);
            Recipe recipe = RecipeSchema.ROOT.read(named(withoutStudy(changed, problems), file), "", problems);
            if (recipe != null && problems.count() == 0) {
                return recipe;
            }
        }
        problems.throwIfAny(file.toString());
        throw new IllegalStateException("a recipe that was not built has no problem: " + file);
    }

    /**
     * The schema, for reference pages and editors.
     *
     * @return the root section; its keys' types hold the sections below
     */
    public static Section<Recipe> schema() {
        return RecipeSchema.ROOT;
    }

    /** A study is told as such, not as unknown keys. */
    private static Tree.Mapping withoutStudy(Tree.Mapping tree, Problems problems) {
        Map<String, Tree.Entry> entries = new LinkedHashMap<>(tree.entries());
        for (String key : List.of(RecipeSchema.SEARCH_KEY.name(), RecipeSchema.SWEEP_KEY.name())) {
            Tree.Entry entry = entries.remove(key);
            if (entry != null) {
                problems.add(
                        entry.keyOrigin(),
                        key
                                + " makes this a chain of comparisons, which only \"lora4j run\" and \"lora4j validate\" take; remove it"
                                + " (on a command line: ~" + key + ")");
            }
        }
        return new Tree.Mapping(entries, tree.origin());
    }

    /** A recipe without a name is called after its file. */
    static Tree.Mapping named(Tree.Mapping tree, Path file) {
        Path last = file.getFileName();
        if (tree.entries().containsKey("name") || last == null) {
            return tree;
        }
        String name = last.toString().replaceFirst("\\.ya?ml$", "").replaceAll("[^A-Za-z0-9._-]", "-");
        if (!RecipeSchema.NAME.matcher(name).matches()) {
            return tree;
        }
        Origin origin = tree.origin();
        Map<String, Tree.Entry> entries = new LinkedHashMap<>(tree.entries());
        entries.put("name", new Tree.Entry(origin, new Tree.Scalar(name, true, origin)));
        return new Tree.Mapping(entries, origin);
    }
}
