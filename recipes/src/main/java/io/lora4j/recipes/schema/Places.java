package io.lora4j.recipes.schema;

import io.lora4j.error.Suggestions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where a schema has its keys, so that a message about an unknown key can say where it belongs, or what it is called here. Immutable.
 */
public final class Places {
    /** Names that PEFT, transformers and the papers' codes use, and the key here that means the same. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("lr", "learning_rate"),
            Map.entry("base_lr", "learning_rate"),
            Map.entry("r", "rank"),
            Map.entry("lora_r", "rank"),
            Map.entry("lora_rank", "rank"),
            Map.entry("lora_alpha", "alpha"),
            Map.entry("lora_dropout", "dropout"),
            Map.entry("target_modules", "targets"),
            Map.entry("num_train_epochs", "epochs"),
            Map.entry("num_epochs", "epochs"),
            Map.entry("max_steps", "steps"),
            Map.entry("batch_size", "batch"),
            Map.entry("train_batch_size", "batch"),
            Map.entry("per_device_train_batch_size", "batch"),
            Map.entry("micro_batch_size", "micro_batch"),
            Map.entry("lr_scheduler_type", "schedule"),
            Map.entry("lr_scheduler", "schedule"),
            Map.entry("scheduler", "schedule"),
            Map.entry("seed", "seeds"),
            Map.entry("random_seed", "seeds"),
            Map.entry("group_by_length", "length_group"),
            Map.entry("max_seq_length", "max_length"),
            Map.entry("model_name_or_path", "model"),
            Map.entry("base_model", "model"),
            Map.entry("task_name", "task"),
            Map.entry("dataset", "task"),
            Map.entry("data_dir", "dir"),
            Map.entry("method", "methods"),
            Map.entry("loraplus_lr_ratio", "ratio"));

    /** No schema is known: only the section at hand helps. */
    static final Places NONE = new Places();

    private static final int FEW = 4;

    private final Map<String, List<String>> sectionsOf = new LinkedHashMap<>();
    private final Map<String, List<String>> blocksOf = new LinkedHashMap<>();

    private Places() {}

    /**
     * The places of a schema's keys.
     *
     * @param root the schema
     * @return the keys of all of its blocks
     */
    public static Places of(Section<?> root) {
        Places places = new Places();
        places.collect(root, "");
        return places;
    }

    private void collect(Section<?> section, String path) {
        for (Key<?> key : section.keys()) {
            note(sectionsOf, key.name(), path.isEmpty() ? "at the top level" : "under " + path + ":");
            collect(key.type().shape(), Section.join(path, key.name()));
        }
    }

    private void collect(Shape shape, String path) {
        if (shape instanceof Shape.Block block) {
            collect(block.section(), path);
        } else if (shape instanceof Shape.Either either) {
            either.shapes().forEach(each -> collect(each, path));
        } else if (shape instanceof Shape.Several several) {
            collect(several.item(), path);
        } else if (shape instanceof Shape.Named named) {
            for (Section<?> section : named.sections()) {
                section.keys().forEach(key -> note(blocksOf, key.name(), section.name()));
            }
        }
    }

    private static void note(Map<String, List<String>> places, String key, String place) {
        places.computeIfAbsent(key, name -> new ArrayList<>()).add(place);
    }

    /**
     * The end of a message about an unknown key.
     *
     * @param key what was written
     * @param known the section's keys
     * @return where the key belongs, what it is called here, the nearest name, or else all known names
     */
    String hint(String key, List<String> known) {
        if (key.equals("<<")) {
            return "; merge keys are YAML 1.1: write the keys out";
        }
        if (key.indexOf(':') > 0) {
            return "; write a space after the colon";
        }
        String near = Suggestions.didYouMean(plain(key), known);
        if (!near.isEmpty()) {
            return near;
        }
        String here = ELSEWHERE.get(plain(key));
        if (here != null && known.contains(here)) {
            return "; it is called \"" + here + "\" here";
        }
        if (here != null && isKey(here)) {
            return "; it is called \"" + here + "\" here and belongs " + where(here);
        }
        if (isKey(key) && !key.equals("name")) {
            return "; it belongs " + where(key);
        }
        return "; known: " + String.join(", ", known);
    }

    private boolean isKey(String name) {
        return sectionsOf.containsKey(name) || blocksOf.containsKey(name);
    }

    private String where(String key) {
        List<String> places = new ArrayList<>(sectionsOf.getOrDefault(key, List.of()));
        List<String> blocks = blocksOf.getOrDefault(key, List.of());
        if (blocks.size() > FEW) {
            places.add("in a method's block");
        } else if (!blocks.isEmpty()) {
            places.add("in the block of " + String.join(" or ", blocks));
        }
        return String.join(" or ", places);
    }

    /** {@code learningRate} and {@code Learning-Rate} as {@code learning_rate}. */
    private static String plain(String key) {
        return key.replaceAll("([a-z])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT)
                .replace('-', '_');
    }
}
