package io.lora4j.recipes;

import io.lora4j.recipes.method.HeadOnlySettings;
import io.lora4j.recipes.method.MethodSettings;
import io.lora4j.recipes.schema.Origin;
import io.lora4j.recipes.schema.Problems;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A method as it was written, before it takes its learning rate from {@code train} or from a search.
 *
 * @param choice the method; its learning rates may be empty
 * @param origin where it was written
 * @param grid what a search tries
 */
record MethodEntry(Recipe.MethodChoice choice, Origin origin, MethodGrid grid) {
    /**
     * The rate of the head-only baseline where a recipe does not name one. A linear head on fixed features wants a rate of its own,
     * far above that of adapters; at theirs the baseline would look worse than it is.
     */
    private static final double HEAD_ONLY_RATE = 1e-2;

    private static final int LONGEST_LABEL = 100;

    /** A method without a grid. */
    MethodEntry(Recipe.MethodChoice choice, Origin origin) {
        this(choice, origin, MethodGrid.none(choice.settings()));
    }

    MethodEntry with(MethodGrid other) {
        return new MethodEntry(choice, origin, other);
    }

    private boolean isHeadOnly() {
        return choice.settings() instanceof HeadOnlySettings;
    }

    private String path() {
        return "methods." + choice.label();
    }

    /** Fills in rates, refuses ranks that do not fit and labels that differ too little, and puts the head-only baseline first. */
    static List<Recipe.MethodChoice> complete(
            List<MethodEntry> entries, int rank, Recipe.TrainChoice train, Problems problems) {
        List<Recipe.MethodChoice> methods = new ArrayList<>();
        for (MethodEntry entry : ordered(entries, rank, problems)) {
            if (entry.grid.isGiven()) {
                problems.add(
                        entry.origin,
                        entry.path()
                                + ".grid belongs to a search: add search: {learning_rates: [RATE, RATE]}, or remove it");
            }
            methods.add(entry.withRate(train, problems));
        }
        return methods;
    }

    /** The same for a search: every method with its candidates. */
    static List<SearchedMethod> searched(List<MethodEntry> entries, int rank, SearchChoice search, Problems problems) {
        List<SearchedMethod> methods = new ArrayList<>();
        Map<String, MethodEntry> bySlug = new HashMap<>();
        for (MethodEntry entry : ordered(entries, rank, problems)) {
            if (!entry.choice.learningRates().isEmpty()) {
                problems.add(
                        entry.origin,
                        entry.path()
                                + ".learning_rate and search exclude each other: remove it, or write grid: {learning_rate:"
                                + " [RATE, RATE]} for rates of its own");
            }
            for (MethodGrid.Point point : entry.grid.points()) {
                String label = searchLabel(entry.choice.label(), point.values());
                MethodEntry other = bySlug.putIfAbsent(slug(label), entry);
                if (other != null || label.length() > LONGEST_LABEL) {
                    problems.add(
                            entry.origin,
                            "methods: \"" + label + "\" in the search "
                                    + (other != null ? "stands for two candidates" : "is too long a name")
                                    + "; give the method another label");
                }
            }
            methods.add(new SearchedMethod(entry.choice.label(), entry.candidates(search, problems)));
        }
        return methods;
    }

    /** What a search's tables call a method with values of its grid. */
    static String searchLabel(String label, Map<String, String> values) {
        String grid = values.entrySet().stream()
                .map(value -> value.getKey() + "=" + value.getValue())
                .collect(Collectors.joining(" "));
        return grid.isEmpty() ? label : label + " " + grid;
    }

    private List<Candidate> candidates(SearchChoice search, Problems problems) {
        MethodSettings settings = choice.settings();
        if (!settings.takesLearningRate()) {
            if (grid.isGiven()) {
                problems.add(
                        origin,
                        path() + ": " + settings.type().name()
                                + " is not trained in steps, and not searched; remove grid");
            }
            return List.of(new Candidate(Map.of(), settings, Recipe.MethodChoice.NO_RATE));
        }
        List<Double> rates = !grid.learningRates().isEmpty()
                ? grid.learningRates()
                : isHeadOnly() ? headRates(search.trials()) : search.learningRates();
        long size = grid.size(rates);
        if (size < search.trials()) {
            problems.add(
                    origin,
                    path() + " has " + size + " candidates (" + rates.size() + " rates x "
                            + grid.points().size() + "), fewer than search.trials (" + search.trials()
                            + "), and every method gets the same number: give it a larger grid, or lower search.trials");
        }
        return grid.candidates(rates, (int) Math.min(size, search.trials()), search.seed());
    }

    /** Rates of a linear head on fixed features: so many from 1e-3 to 1e-1, evenly on the logarithm, in two digits as long as they differ. */
    private static List<Double> headRates(int count) {
        if (count == 1) {
            return List.of(HEAD_ONLY_RATE);
        }
        MathContext digits = new MathContext(count <= 20 ? 2 : 8);
        return IntStream.range(0, count)
                .mapToObj(i -> new BigDecimal(Math.pow(10, -3 + 2.0 * i / (count - 1)))
                        .round(digits)
                        .doubleValue())
                .toList();
    }

    /** All methods, the head-only baseline first whether it was written or not. */
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
            for (MethodGrid.Point point : entry.grid().points()) {
                point.settings()
                        .misfit(rank)
                        .ifPresent(reason -> problems.add(entry.origin(), entry.path() + ": " + reason));
            }
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
