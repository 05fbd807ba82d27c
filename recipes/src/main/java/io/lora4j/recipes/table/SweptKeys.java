package io.lora4j.recipes.table;

import io.lora4j.error.Suggestions;
import io.lora4j.error.UserException;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.comparability.Aspect;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys by which recipes differ so that their results belong into different columns: the task, the one that the user names, and whatever belongs to
 * the methods (adapter, gradient). A key that tells no recipes apart that those before it do not is left out.
 */
final class SweptKeys {
    private static final String TASK = "task";
    private static final List<String> OF_METHODS = List.of("adapter.", "gradient.");

    private final List<String> keys;

    private SweptKeys(List<String> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * Finds the keys.
     *
     * @param by a key of the recipes; null for none
     * @throws UserException if no recipe has it
     */
    static SweptKeys of(List<Recipe> recipes, @Nullable String by) {
        List<Map<String, String>> flat = recipes.stream().map(SweptKeys::flat).toList();
        Set<String> all = new LinkedHashSet<>();
        flat.forEach(each -> all.addAll(each.keySet()));
        if (by != null && !all.contains(by)) {
            throw new UserException(
                    "--by " + by + ": no recipe of these runs has this key" + Suggestions.hint(by, all));
        }
        List<String> candidates = new ArrayList<>();
        candidates.add(TASK);
        if (by != null) {
            candidates.add(by);
        }
        all.stream()
                .filter(key -> OF_METHODS.stream().anyMatch(key::startsWith))
                .forEach(candidates::add);
        List<String> keys = new ArrayList<>();
        int parts = 1;
        for (String key : candidates) {
            List<String> more = new ArrayList<>(keys);
            more.add(key);
            int finer = parts(flat, more);
            if (finer > parts) {
                parts = finer;
                keys = more;
            }
        }
        return new SweptKeys(keys);
    }

    private static int parts(List<Map<String, String>> recipes, Collection<String> keys) {
        Set<List<String>> values = new HashSet<>();
        recipes.forEach(recipe -> values.add(
                keys.stream().map(key -> recipe.getOrDefault(key, "")).toList()));
        return values.size();
    }

    List<String> keys() {
        return keys;
    }

    /** A recipe's values of the keys. */
    List<String> values(Recipe recipe) {
        Map<String, String> flat = flat(recipe);
        return keys.stream().map(key -> flat.getOrDefault(key, Numbers.NOTHING)).toList();
    }

    /** What stands above a column: the task as it is, other keys by their last word. */
    String heading(List<String> values) {
        List<String> parts = new ArrayList<>();
        for (int k = 0; k < keys.size(); k++) {
            String key = keys.get(k);
            parts.add(key.equals(TASK) ? values.get(k) : key.substring(key.lastIndexOf('.') + 1) + " " + values.get(k));
        }
        return String.join(", ", parts);
    }

    /** In what recipes with different values of the keys may differ: a task has data of its own, and the budget that suits it. */
    Set<Aspect> aspects() {
        Set<Aspect> aspects = EnumSet.noneOf(Aspect.class);
        for (String key : keys) {
            if (key.equals(TASK)) {
                aspects.add(Aspect.DATA);
                aspects.add(Aspect.BUDGET);
            } else if (key.startsWith("data.")) {
                aspects.add(Aspect.DATA);
            } else if (key.startsWith("model.")) {
                aspects.add(Aspect.MODEL);
            } else if (key.startsWith("train.")) {
                aspects.add(Aspect.BUDGET);
            }
        }
        return aspects;
    }

    private static Map<String, String> flat(Recipe recipe) {
        Map<String, String> flat = new LinkedHashMap<>();
        flatten("", recipe.toMap(), flat);
        flat.keySet().removeIf(key -> key.startsWith(TASK + "."));
        flat.put(TASK, recipe.task().name());
        return flat;
    }

    private static void flatten(String prefix, Map<?, ?> map, Map<String, String> into) {
        map.forEach((key, value) -> {
            if (value instanceof Map<?, ?> deeper) {
                flatten(prefix + key + ".", deeper, into);
            } else {
                into.put(prefix + key, String.valueOf(value));
            }
        });
    }
}
