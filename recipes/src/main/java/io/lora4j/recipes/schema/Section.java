package io.lora4j.recipes.schema;

import io.lora4j.error.Suggestions;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A block with a closed set of keys. A section that is a key of another one and not written is read as an empty block.
 *
 * @param name in words for messages, e.g. {@code train}
 * @param keys all keys it may have, in the order they are documented
 * @param shorthand the key a single value written instead of the block stands for; null if there is none
 * @param build makes the value from valid keys; tells the problems that lie between keys (and may then return null)
 * @param <T> the Java type
 */
public record Section<T>(
        String name,
        List<Key<?>> keys,
        @Nullable Key<String> shorthand,
        BiFunction<Values, Problems, @Nullable T> build)
        implements Type<T> {
    /** Copies the list. */
    public Section {
        keys = List.copyOf(keys);
    }

    /**
     * A section that is always written as a block.
     *
     * @param name in words for messages
     * @param keys all keys it may have
     * @param build makes the value from valid keys
     * @param <T> the Java type
     * @return the section
     */
    public static <T> Section<T> of(String name, List<Key<?>> keys, BiFunction<Values, Problems, @Nullable T> build) {
        return new Section<>(name, keys, null, build);
    }

    @Override
    public @Nullable T read(Tree tree, String path, Problems problems) {
        int before = problems.count();
        Tree.Mapping mapping = asMapping(tree);
        if (mapping == null) {
            problems.add(tree.origin(), called(path) + " must be " + describe() + ", not " + tree.describe());
            return null;
        }
        refuseUnknown(mapping, path, problems);
        Map<Key<?>, Object> given = new HashMap<>();
        Map<Key<?>, Origin> origins = new HashMap<>();
        for (Key<?> key : keys) {
            Tree.Entry entry = mapping.entries().get(key.name());
            boolean written = entry != null && !(entry.value() instanceof Tree.Scalar scalar && scalar.isNull());
            if (entry != null && written) {
                origins.put(key, entry.value().origin());
                Object value = key.type().read(entry.value(), join(path, key.name()), problems);
                if (value != null) {
                    given.put(key, value);
                }
            } else if (key.required()) {
                Origin where = entry == null ? tree.origin() : entry.keyOrigin();
                problems.add(
                        where,
                        join(path, key.name()) + " is missing (" + key.doc() + "): "
                                + key.type().describe());
            } else if (key.type() instanceof Section<?> section) {
                Object value =
                        section.read(new Tree.Mapping(Map.of(), tree.origin()), join(path, key.name()), problems);
                if (value != null) {
                    given.put(key, value);
                }
            }
        }
        return problems.count() > before
                ? null
                : build.apply(new Values(given, origins, tree.origin(), path), problems);
    }

    private Tree.@Nullable Mapping asMapping(Tree tree) {
        if (tree instanceof Tree.Mapping mapping) {
            return mapping;
        }
        if (tree instanceof Tree.Scalar && shorthand != null) {
            Map<String, Tree.Entry> single = new LinkedHashMap<>();
            single.put(shorthand.name(), new Tree.Entry(tree.origin(), tree));
            return new Tree.Mapping(single, tree.origin());
        }
        return null;
    }

    private void refuseUnknown(Tree.Mapping mapping, String path, Problems problems) {
        List<String> known = keys.stream().map(Key::name).toList();
        for (Map.Entry<String, Tree.Entry> entry : mapping.entries().entrySet()) {
            if (!known.contains(entry.getKey())) {
                String where = path.isEmpty() ? "" : " in " + path;
                problems.add(
                        entry.getValue().keyOrigin(),
                        "unknown key \"" + entry.getKey() + "\"" + where + hint(entry.getKey(), known));
            }
        }
    }

    /** A key that exists one level down is misplaced rather than misspelt. */
    private String hint(String key, List<String> known) {
        for (Key<?> candidate : keys) {
            if (candidate.type() instanceof Section<?> below
                    && below.keys().stream().anyMatch(inner -> inner.name().equals(key))) {
                return "; it belongs under " + candidate.name() + ":";
            }
        }
        return Suggestions.hint(key, known);
    }

    @Override
    public String describe() {
        String block = "a block of keys (" + keys.stream().map(Key::name).collect(Collectors.joining(", ")) + ")";
        return shorthand == null ? block : shorthand.type().describe() + " or " + block;
    }

    private String called(String path) {
        return path.isEmpty() ? name : path;
    }

    static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
