package io.lora4j.recipes;

import io.lora4j.error.Suggestions;
import io.lora4j.recipes.method.MethodType;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Tree;
import io.lora4j.recipes.schema.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a method's {@code grid}: every combination of its values is put into the method's block in the place of the grid and read as if it had
 * been written there, so that the method's own rules tell what is wrong with it.
 */
final class GridReader {
    private static final int MOST_POINTS = 1000;

    private final Section<MethodEntry> section;
    private final String rateKey;
    private final List<String> known;
    private final String path;
    private final Problems problems;

    GridReader(MethodType type, Section<MethodEntry> section, String rateKey, String path, Problems problems) {
        this.section = section;
        this.rateKey = rateKey;
        this.known = new ArrayList<>(type.keys().stream().map(Key::name).toList());
        this.known.add(rateKey);
        this.path = path;
        this.problems = problems;
    }

    /**
     * Reads a method with a grid.
     *
     * @param method the method's block without the grid
     * @param grid the grid
     * @return the method; its own settings are those of the grid's first point; null if problems were told
     */
    @Nullable
    MethodEntry read(Tree.Mapping method, Tree grid) {
        int before = problems.count();
        if (!(grid instanceof Tree.Mapping mapping) || mapping.entries().isEmpty()) {
            problems.add(
                    grid.origin(),
                    path + ".grid must be a block of this method's settings, each with a list of values, not "
                            + (grid instanceof Tree.Mapping ? "an empty block" : grid.describe()));
            return null;
        }
        List<Double> rates = List.of();
        Map<String, List<Tree>> values = new LinkedHashMap<>();
        for (Map.Entry<String, Tree.Entry> entry : mapping.entries().entrySet()) {
            Tree.Entry value = entry.getValue();
            if (!isFree(entry.getKey(), value, method)) {
                continue;
            }
            if (entry.getKey().equals(rateKey)) {
                List<Double> read =
                        Types.oneOrMore(Types.above(0)).read(value.value(), path + ".grid." + rateKey, problems);
                rates = read == null ? rates : read;
            } else {
                values.put(entry.getKey(), items(entry.getKey(), value.value()));
            }
        }
        if (problems.count() > before) {
            return null;
        }
        return points(method, mapping, rates, values);
    }

    private boolean isFree(String key, Tree.Entry value, Tree.Mapping method) {
        if (!known.contains(key)) {
            problems.add(
                    value.keyOrigin(),
                    path + ".grid: the method has no setting \"" + key + "\"" + Suggestions.hint(key, known));
            return false;
        }
        Tree.Entry fixed = method.entries().get(key);
        if (fixed != null) {
            problems.add(
                    value.keyOrigin(),
                    path + ".grid: " + key + " is fixed at " + fixed.keyOrigin().where() + "; remove one");
        }
        return fixed == null;
    }

    private List<Tree> items(String key, Tree value) {
        List<Tree> items = value instanceof Tree.Sequence sequence ? sequence.items() : List.of(value);
        Set<String> seen = new LinkedHashSet<>();
        for (Tree item : items) {
            if (!(item instanceof Tree.Scalar scalar) || scalar.isNull()) {
                problems.add(
                        item.origin(),
                        path + ".grid." + key + " must be a list of single values, not of " + item.describe());
            } else if (!seen.add(scalar.text())) {
                problems.add(item.origin(), path + ".grid." + key + " has " + item.describe() + " twice; remove one");
            }
        }
        if (items.isEmpty()) {
            problems.add(value.origin(), path + ".grid." + key + " must have at least 1 items, not 0");
        }
        return items;
    }

    private @Nullable MethodEntry points(
            Tree.Mapping method, Tree.Mapping grid, List<Double> rates, Map<String, List<Tree>> values) {
        long count = values.values().stream().mapToLong(List::size).reduce(1, (a, b) -> Math.min(a * b, 1L << 40));
        if (count > MOST_POINTS) {
            problems.add(
                    grid.origin(),
                    path + ".grid has " + count + " combinations; it may have " + MOST_POINTS + ": leave some out");
            return null;
        }
        int before = problems.count();
        MethodEntry first = null;
        List<MethodGrid.Point> points = new ArrayList<>();
        for (Map<String, Tree> point : combinations(values)) {
            Map<String, Tree.Entry> entries = new LinkedHashMap<>(method.entries());
            Map<String, String> texts = new LinkedHashMap<>();
            point.forEach((key, value) -> {
                entries.put(key, new Tree.Entry(value.origin(), value));
                texts.put(key, ((Tree.Scalar) value).text());
            });
            Problems here = problems.another();
            MethodEntry entry = section.read(new Tree.Mapping(entries, method.origin()), path, here);
            problems.addAll(here);
            if (entry != null) {
                first = first == null ? entry : first;
                points.add(new MethodGrid.Point(texts, entry.choice().settings()));
            }
        }
        return first == null || problems.count() > before ? null : first.with(new MethodGrid(rates, points));
    }

    /** Key by key along the diagonals, so that every stretch of the list has each value about equally often. */
    private static List<Map<String, Tree>> combinations(Map<String, List<Tree>> values) {
        List<Map<String, Tree>> combinations = List.of(Map.of());
        for (Map.Entry<String, List<Tree>> key : values.entrySet()) {
            List<Map<String, Tree>> longer = new ArrayList<>();
            List<Map<String, Tree>> sofar = combinations;
            for (int[] pair : MethodGrid.diagonals(sofar.size(), key.getValue().size())) {
                Map<String, Tree> combination = new LinkedHashMap<>(sofar.get(pair[0]));
                combination.put(key.getKey(), key.getValue().get(pair[1]));
                longer.add(combination);
            }
            combinations = longer;
        }
        return combinations;
    }
}
