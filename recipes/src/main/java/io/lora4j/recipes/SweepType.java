package io.lora4j.recipes;

import io.lora4j.recipes.schema.Origin;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Shape;
import io.lora4j.recipes.schema.Tree;
import io.lora4j.recipes.schema.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code sweep}: keys of the recipe, as overrides write them, each with a list of values. Whether a value fits is the key's own question. */
final class SweepType implements Type<List<SweepType.Axis>> {
    private static final Set<String> NOT_SWEPT = Set.of("name", "description", "sweep");

    /**
     * A key with its values.
     *
     * @param key its path, e.g. {@code adapter.rank}
     * @param origin where the key stands
     * @param values at least one
     */
    record Axis(String key, Origin origin, List<Tree> values) {
        Axis {
            values = List.copyOf(values);
        }
    }

    @Override
    public @Nullable List<Axis> read(Tree tree, String path, Problems problems) {
        int before = problems.count();
        if (!(tree instanceof Tree.Mapping mapping) || mapping.entries().isEmpty()) {
            problems.add(
                    tree.origin(),
                    path + " must be " + describe() + ", not "
                            + (tree instanceof Tree.Mapping ? "an empty block" : tree.describe()));
            return null;
        }
        Map<String, Tree.Entry> flat = new LinkedHashMap<>();
        flatten(mapping, "", flat);
        List<Axis> axes = new ArrayList<>();
        flat.forEach((key, entry) -> {
            if (NOT_SWEPT.contains(key.replaceFirst("\\..*", ""))) {
                problems.add(entry.keyOrigin(), path + ": the key " + key + " changes no result; remove it");
            }
            axes.add(new Axis(key, entry.keyOrigin(), values(path + "." + key, entry.value(), problems)));
        });
        return problems.count() > before ? null : axes;
    }

    /** On the command line {@code sweep.adapter.rank=[8,32]} makes blocks in blocks; later ones replace earlier ones. */
    private static void flatten(Tree.Mapping mapping, String prefix, Map<String, Tree.Entry> flat) {
        mapping.entries().forEach((key, entry) -> {
            if (entry.value() instanceof Tree.Mapping below) {
                flatten(below, prefix + key + ".", flat);
            } else {
                flat.put(prefix + key, entry);
            }
        });
    }

    private static List<Tree> values(String path, Tree value, Problems problems) {
        List<Tree> values = value instanceof Tree.Sequence sequence ? sequence.items() : List.of(value);
        if (values.isEmpty()) {
            problems.add(value.origin(), path + " must have at least 1 items, not 0");
        }
        Set<String> seen = new LinkedHashSet<>();
        for (Tree each : values) {
            if (each instanceof Tree.Scalar scalar && (scalar.isNull() || !seen.add(scalar.text()))) {
                problems.add(
                        each.origin(),
                        path + " has " + each.describe() + (scalar.isNull() ? " in it" : " twice") + "; remove "
                                + (scalar.isNull() ? "it" : "one"));
            }
        }
        return values;
    }

    @Override
    public Shape shape() {
        return new Shape.Lists("a block of keys, each with a list of values");
    }

    @Override
    public String describe() {
        return "a block of keys of the recipe, each with a list of values, e.g. adapter.rank: [8, 32]";
    }
}
