package io.lora4j.recipes;

import io.lora4j.recipes.schema.Overrides;
import io.lora4j.recipes.schema.Places;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.RecipeException;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Tree;
import io.lora4j.recipes.schema.YamlText;
import io.lora4j.recipes.schema.YamlTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads recipes that may have {@code search} and {@code sweep}, by the rules of {@link RecipeReader}: every combination of the sweep's values is
 * put into the file as an override would be, and read by the recipe's own schema.
 */
public final class StudyReader {
    private static final int MOST_COMBINATIONS = 500;
    private static final int LONGEST_VALUE = 40;

    private StudyReader() {}

    /**
     * Reads a file.
     *
     * @param file the file; messages name it as it is given here
     * @param overrides {@code key=value} and {@code ~key}, applied in order (see {@link Overrides}); they reach {@code search} and {@code sweep}
     *     too
     * @return the study; of one comparison for a plain recipe
     * @throws RecipeException with every problem of the file and the overrides
     */
    public static Study read(Path file, List<String> overrides) {
        return read(file, overrides, Path.of("").toAbsolutePath());
    }

    /**
     * Reads a file.
     *
     * @param file the file; messages name it as it is given here
     * @param overrides {@code key=value} and {@code ~key}, applied in order
     * @param workingDirectory the folder against which relative paths in overrides are resolved, absolute
     * @return the study; of one comparison for a plain recipe
     * @throws RecipeException with every problem of the file and the overrides
     */
    public static Study read(Path file, List<String> overrides, Path workingDirectory) {
        Problems problems = new Problems(Places.of(RecipeSchema.STUDY));
        Tree.Mapping tree = YamlTree.read(file, problems);
        if (tree != null) {
            Tree.Mapping changed =
                    RecipeReader.named(Overrides.apply(tree, overrides, workingDirectory, problems), file);
            List<Combination> combinations = combinations(changed, problems);
            if (problems.count() == 0) {
                String name = combinations.get(0).recipe().name();
                return new Study(name, combinations, YamlText.of(AbsolutePaths.of(changed)));
            }
        }
        problems.throwIfAny(file.toString());
        throw new IllegalStateException("a study that was not built has no problem: " + file);
    }

    /**
     * The schema with {@code search} and {@code sweep}, for reference pages and editors.
     *
     * @return the root section; its keys' types hold the sections below
     */
    public static Section<Combination> schema() {
        return RecipeSchema.STUDY;
    }

    /** All combinations, as far as they could be read. */
    private static List<Combination> combinations(Tree.Mapping tree, Problems problems) {
        Map<String, Tree.Entry> entries = new LinkedHashMap<>(tree.entries());
        Tree.Entry sweep = entries.remove(RecipeSchema.SWEEP_KEY.name());
        Tree.Mapping base = new Tree.Mapping(entries, tree.origin());
        List<SweepType.Axis> axes =
                sweep == null ? null : RecipeSchema.SWEEP_KEY.type().read(sweep.value(), "sweep", problems);
        if (axes == null) {
            Combination only = combination(base, problems);
            return only == null ? List.of() : List.of(only);
        }
        long count =
                axes.stream().mapToLong(axis -> axis.values().size()).reduce(1, (a, b) -> Math.min(a * b, 1 << 30));
        if (count > MOST_COMBINATIONS) {
            problems.add(
                    axes.get(0).origin(),
                    "sweep has " + count + " combinations; it may have " + MOST_COMBINATIONS + ": leave some out");
            return List.of();
        }
        refuseFilesWithoutFolder(base, axes, problems);
        List<Combination> combinations = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Map<SweepType.Axis, Tree> point : points(axes)) {
            Problems here = problems.another();
            Tree.Mapping changed = base;
            Map<String, String> values = new LinkedHashMap<>();
            for (Map.Entry<SweepType.Axis, Tree> each : point.entrySet()) {
                SweepType.Axis axis = each.getKey();
                changed = Overrides.set(changed, axis.key(), each.getValue(), axis.origin(), here);
                values.put(axis.key(), text(each.getValue()));
            }
            Combination combination = combination(changed, here);
            problems.addAll(here);
            if (combination != null) {
                String name = unique(name(values), names);
                combinations.add(combination.named(name, values));
            }
        }
        return combinations;
    }

    /** Files of one's own lie beside the recipe; the resolved study is in another folder, and must name this one. */
    private static void refuseFilesWithoutFolder(Tree.Mapping base, List<SweepType.Axis> axes, Problems problems) {
        Tree.Entry data = base.entries().get("data");
        boolean named = (data != null
                        && data.value() instanceof Tree.Mapping mapping
                        && mapping.entries().containsKey("dir"))
                || axes.stream().anyMatch(axis -> axis.key().equals("data.dir"));
        for (SweepType.Axis axis : axes) {
            if (!named
                    && axis.key().equals("task")
                    && axis.values().stream().anyMatch(Tree.Mapping.class::isInstance)) {
                problems.add(
                        axis.origin(), "sweep.task has files of your own: name their folder with data: {dir: DIR}");
            }
        }
    }

    private static @Nullable Combination combination(Tree.Mapping tree, Problems problems) {
        refuseRatesBesideSearch(tree, problems);
        return RecipeSchema.STUDY.read(tree, "", problems);
    }

    private static void refuseRatesBesideSearch(Tree.Mapping tree, Problems problems) {
        Tree.Entry train = tree.entries().get("train");
        if (!tree.entries().containsKey(RecipeSchema.SEARCH_KEY.name())
                || train == null
                || !(train.value() instanceof Tree.Mapping mapping)) {
            return;
        }
        Tree.Entry rate = mapping.entries().get(TrainSection.LEARNING_RATE.name());
        if (rate != null) {
            problems.add(
                    rate.keyOrigin(),
                    "train.learning_rate and search exclude each other: search.learning_rates has the rates; remove one");
        }
    }

    /** The first key outermost. */
    private static List<Map<SweepType.Axis, Tree>> points(List<SweepType.Axis> axes) {
        List<Map<SweepType.Axis, Tree>> points = List.of(Map.of());
        for (SweepType.Axis axis : axes) {
            List<Map<SweepType.Axis, Tree>> longer = new ArrayList<>();
            for (Map<SweepType.Axis, Tree> point : points) {
                for (Tree value : axis.values()) {
                    Map<SweepType.Axis, Tree> more = new LinkedHashMap<>(point);
                    more.put(axis, value);
                    longer.add(more);
                }
            }
            points = longer;
        }
        return points;
    }

    private static String text(Tree tree) {
        return tree instanceof Tree.Scalar scalar
                ? scalar.text()
                : YamlText.of(tree).strip().replaceAll("\\s+", " ");
    }

    private static String name(Map<String, String> values) {
        List<String> parts = new ArrayList<>();
        values.forEach((key, value) -> {
            String slug = value.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._+-]+", "-");
            // of a path the end tells more than the beginning
            parts.add(key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._+-]+", "-") + "-"
                    + slug.substring(Math.max(0, slug.length() - LONGEST_VALUE)));
        });
        return String.join("_", parts);
    }

    private static String unique(String name, Set<String> names) {
        String unique = name;
        for (int i = 2; !names.add(unique); i++) {
            unique = name + "-" + i;
        }
        return unique;
    }
}
