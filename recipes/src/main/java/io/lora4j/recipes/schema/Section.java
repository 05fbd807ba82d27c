package io.lora4j.recipes.schema;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A block with a closed set of keys. A section that is a key of another one and not written is read as an empty block.
 *
 * @param name in words for messages, e.g. {@code train}
 * @param keys all keys it may have, in the order they are documented
 * @param shorthand the key a single value written instead of the block stands for; null if there is none
 * @param check tells problems that lie between keys; called also if some keys are wrong, with the values of the others, so that a user hears
 *     of everything at once
 * @param build makes the value from valid keys; may tell problems too, and then return null
 * @param <T> the Java type
 */
public record Section<T>(
        String name,
        List<Key<?>> keys,
        @Nullable Key<String> shorthand,
        BiConsumer<Values, Problems> check,
        BiFunction<Values, Problems, @Nullable T> build)
        implements Type<T> {
    /** Copies the list. */
    public Section {
        keys = List.copyOf(keys);
    }

    /**
     * A section of which nothing is checked between keys before it is built.
     *
     * @param name in words for messages
     * @param keys all keys it may have
     * @param shorthand the key a single value written instead of the block stands for; null if there is none
     * @param build makes the value from valid keys
     */
    public Section(
            String name,
            List<Key<?>> keys,
            @Nullable Key<String> shorthand,
            BiFunction<Values, Problems, @Nullable T> build) {
        this(name, keys, shorthand, (values, problems) -> {}, build);
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

    /**
     * This section with a check between its keys.
     *
     * @param between tells problems between the keys whose values are right; must not follow from keys that are wrong
     * @return a new section
     */
    public Section<T> checking(BiConsumer<Values, Problems> between) {
        return new Section<>(name, keys, shorthand, between, build);
    }

    @Override
    public @Nullable T read(Tree tree, String path, Problems problems) {
        int before = problems.count();
        Tree.Mapping mapping = asMapping(tree);
        if (mapping == null) {
            boolean unspaced =
                    tree instanceof Tree.Scalar scalar && scalar.text().matches("[a-z_]+:[^ ]+");
            String hint = unspaced ? "; write a space after the colon" : "";
            problems.add(tree.origin(), called(path) + " must be " + describe() + ", not " + tree.describe() + hint);
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
        Values values = new Values(given, origins, tree.origin(), path);
        check.accept(values, problems);
        return problems.count() > before ? null : build.apply(values, problems);
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
                        "unknown key \"" + entry.getKey() + "\"" + where
                                + problems.places().hint(entry.getKey(), known));
            }
        }
    }

    @Override
    public String describe() {
        String block = "a block of keys (" + keys.stream().map(Key::name).collect(Collectors.joining(", ")) + ")";
        return shorthand == null ? block : shorthand.type().describe() + " or " + block;
    }

    @Override
    public Shape shape() {
        Shape block = new Shape.Block(this);
        return shorthand == null
                ? block
                : new Shape.Either(List.of(shorthand.type().shape(), block));
    }

    private String called(String path) {
        return path.isEmpty() ? name : path;
    }

    static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
