package io.lora4j.recipes;

import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Tree;
import io.lora4j.recipes.schema.Type;
import io.lora4j.recipes.schema.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A recipe's tree with absolute paths, so that it means the same in another folder. */
final class AbsolutePaths {
    private static final Type<String> MODEL = new ModelNameType();
    private static final Map<String, Type<?>> PATHS =
            Map.of("data.dir", Types.path(), "model", MODEL, "model.name", MODEL);

    private AbsolutePaths() {}

    /**
     * Resolves paths.
     *
     * @param tree a valid recipe, with or without a sweep
     * @return the same with absolute paths; the folder of files of one's own is named
     */
    static Tree.Mapping of(Tree.Mapping tree) {
        Tree.Mapping resolved = (Tree.Mapping) resolve(tree, "");
        Tree.Entry task = resolved.entries().get("task");
        Tree.Entry data = resolved.entries().get("data");
        boolean named = data != null
                && data.value() instanceof Tree.Mapping mapping
                && mapping.entries().containsKey("dir");
        if (task == null || !(task.value() instanceof Tree.Mapping) || named) {
            return resolved;
        }
        Map<String, Tree.Entry> folder = new LinkedHashMap<>();
        if (data != null && data.value() instanceof Tree.Mapping mapping) {
            folder.putAll(mapping.entries());
        }
        String beside = task.value().origin().base().toString();
        folder.put(
                "dir",
                new Tree.Entry(
                        task.keyOrigin(),
                        new Tree.Scalar(beside, true, task.value().origin())));
        Map<String, Tree.Entry> entries = new LinkedHashMap<>(resolved.entries());
        entries.put("data", new Tree.Entry(task.keyOrigin(), new Tree.Mapping(folder, task.keyOrigin())));
        return new Tree.Mapping(entries, resolved.origin());
    }

    private static Tree resolve(Tree tree, String path) {
        if (tree instanceof Tree.Mapping mapping) {
            Map<String, Tree.Entry> entries = new LinkedHashMap<>();
            mapping.entries().forEach((key, entry) -> {
                String below = path.isEmpty() || path.equals("sweep") ? key : path + "." + key;
                entries.put(key, new Tree.Entry(entry.keyOrigin(), resolve(entry.value(), below)));
            });
            return new Tree.Mapping(entries, mapping.origin());
        }
        if (tree instanceof Tree.Sequence sequence) {
            List<Tree> items =
                    sequence.items().stream().map(item -> resolve(item, path)).toList();
            return new Tree.Sequence(items, sequence.origin());
        }
        Type<?> type = PATHS.get(path);
        Object resolved = type == null ? null : type.read(tree, path, new Problems());
        return resolved == null ? tree : new Tree.Scalar(resolved.toString(), true, tree.origin());
    }
}
