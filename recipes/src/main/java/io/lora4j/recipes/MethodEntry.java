package io.lora4j.recipes;

import io.lora4j.recipes.method.HeadOnlySettings;
import io.lora4j.recipes.schema.Origin;
import io.lora4j.recipes.schema.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A method as it was written, before it takes its learning rate from {@code train}.
 *
 * @param choice the method; its learning rates may be empty
 * @param origin where it was written
 */
record MethodEntry(Recipe.MethodChoice choice, Origin origin) {
    /**
     * The rate of the head-only baseline where a recipe does not name one. A linear head on fixed features wants a rate of its own,
     * far above that of adapters; at theirs the baseline would look worse than it is.
     */
    private static final double HEAD_ONLY_RATE = 1e-2;

    /** Fills in rates, refuses ranks that do not fit and labels that differ too little, and puts the head-only baseline first. */
    static List<Recipe.MethodChoice> complete(
            List<MethodEntry> entries, int rank, Recipe.TrainChoice train, Problems problems) {
        List<Recipe.MethodChoice> methods = new ArrayList<>();
        for (MethodEntry entry : ordered(entries, rank, problems)) {
            methods.add(entry.withRate(train, problems));
        }
        return methods;
    }

    /** All methods, the head-only baseline first whether it was written or not; refuses labels that differ too little and ranks that do not fit. */
    static List<MethodEntry> ordered(List<MethodEntry> entries, int rank, Problems problems) {
        List<MethodEntry> baselines = new ArrayList<>();
        List<MethodEntry> methods = new ArrayList<>();
        Map<String, MethodEntry> bySlug = new HashMap<>();
        for (MethodEntry entry : entries) {
            MethodEntry first = bySlug.putIfAbsent(slug(entry.choice().label()), entry);
            if (first != null) {
                problems.add(
                        entry.origin(),
                        "methods: \"" + entry.choice().label() + "\" stands here twice (first at "
                                + first.origin().where() + "); remove one, or give it another label");
            }
            entry.choice()
                    .settings()
                    .misfit(rank)
                    .ifPresent(reason -> problems.add(
                            entry.origin(), "methods." + entry.choice().label() + ": " + reason));
            (entry.isHeadOnly() ? baselines : methods).add(entry);
        }
        if (baselines.isEmpty()) {
            HeadOnlySettings settings = new HeadOnlySettings();
            Recipe.MethodChoice baseline =
                    new Recipe.MethodChoice(settings.type().name(), settings, List.of());
            baselines.add(new MethodEntry(baseline, entries.get(0).origin()));
        }
        baselines.addAll(methods);
        return baselines;
    }

    private boolean isHeadOnly() {
        return choice.settings() instanceof HeadOnlySettings;
    }

    private Recipe.MethodChoice withRate(Recipe.TrainChoice train, Problems problems) {
        if (!choice.settings().takesLearningRate()) {
            return withoutRate(problems);
        }
        if (!choice.learningRates().isEmpty()) {
            return choice;
        }
        if (train.learningRates().isEmpty() && !isHeadOnly()) {
            problems.add(
                    origin,
                    "methods." + choice.label() + " has no learning rate: give train.learning_rate, or a block "
                            + "{name: " + choice.settings().type().name() + ", learning_rate: RATE}");
        }
        List<Double> rates = isHeadOnly() ? List.of(HEAD_ONLY_RATE) : train.learningRates();
        return new Recipe.MethodChoice(choice.label(), choice.settings(), rates);
    }

    private Recipe.MethodChoice withoutRate(Problems problems) {
        if (!choice.learningRates().isEmpty()) {
            problems.add(
                    origin,
                    "methods." + choice.label() + " takes no learning rate: "
                            + choice.settings().type().name() + " is not trained in steps; remove it");
        }
        return new Recipe.MethodChoice(choice.label(), choice.settings(), List.of(Recipe.MethodChoice.NO_RATE));
    }

    /** A label as part of a file name. */
    static String slug(String label) {
        return label.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._+-]+", "-");
    }
}
