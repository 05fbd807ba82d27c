package io.lora4j.recipes.run;

import io.lora4j.recipes.Recipe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A checksum of everything that a trial's result depends on: SHA-256 over a JSON text with sorted keys.
 *
 * <p>In it are the method and its settings, rate and seed, the sections {@code adapter}, {@code gradient} and {@code train} (without the lists
 * of rates and seeds), when is evaluated, the task with its limits, and model, tokenizer and data by checksum. Not in it are places (folders,
 * so that results can be moved), labels, and what the machine adds: kernels, BLAS and the number of threads, which change last digits and
 * dropout masks, are in {@code provenance.json} and must not keep anybody from going on with a study elsewhere.
 */
final class TrialFingerprint {
    /** The key in {@code result.json}. */
    static final String KEY = "fingerprint";

    /**
     * Version of the numbers. Whoever changes what a trial computes (beyond rounding) raises it by one, and says so in CHANGELOG.md: results of
     * before then are no longer taken for finished.
     */
    static final int NUMBERS = 1;

    private TrialFingerprint() {}

    /**
     * A trial's fingerprint.
     *
     * @return 64 hexadecimal digits; the same on every machine
     */
    static String of(Workbench bench, Recipe.MethodChoice method, TrialKey key) {
        Map<String, Object> recipe = bench.recipe().toMap();
        Map<String, Object> all = new TreeMap<>();
        all.put("numbers", NUMBERS);
        all.put(
                "model",
                Map.of(
                        "sha256", bench.model().sha256(),
                        "tokenizer_sha256", bench.model().tokenizer().sha256(),
                        "pooling", bench.recipe().model().pooling().name(),
                        "max_length", bench.recipe().model().maxLength()));
        all.put("task", Objects.requireNonNull(recipe.get("task")));
        all.put("data", without(section(recipe, "data"), List.of("dir")));
        all.put("files", bench.data().sha256ByFile());
        all.put("method", method.settings().type().name());
        all.put("settings", method.settings().toMap());
        all.put("learning_rate", key.learningRate());
        all.put("seed", key.seed());
        all.put("adapter", section(recipe, "adapter"));
        all.put("gradient", section(recipe, "gradient"));
        all.put("train", without(section(recipe, "train"), List.of("learning_rate", "seeds")));
        all.put("each", bench.recipe().eval().each().name());
        return Json.sha256(sorted(all));
    }

    @SuppressWarnings("unchecked") // a recipe's sections are maps with text keys
    private static Map<String, Object> section(Map<String, Object> recipe, String name) {
        return (Map<String, Object>) recipe.getOrDefault(name, Map.of());
    }

    private static Map<String, Object> without(Map<String, Object> section, List<String> keys) {
        Map<String, Object> rest = new LinkedHashMap<>(section);
        rest.keySet().removeAll(keys);
        return rest;
    }

    /** The same values with the keys of every map in order. */
    private static Object sorted(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> sorted = new TreeMap<>();
            map.forEach((name, each) -> sorted.put(String.valueOf(name), sorted(each)));
            return sorted;
        }
        return value instanceof List<?> list
                ? list.stream()
                        .map(each -> sorted(Objects.requireNonNull(each)))
                        .toList()
                : value;
    }
}
