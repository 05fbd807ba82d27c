package io.lora4j.recipes;

import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.OptionalSection;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of {@code search}. */
final class SearchSection {
    private static final Key<List<Double>> LEARNING_RATES = Key.required(
            "learning_rates",
            Types.oneOrMore(Types.above(0)),
            "the rates that every method is tried at, but for those with grid: {learning_rate: [...]}");
    private static final Key<Long> TRIALS = Key.optional(
            "trials",
            Types.integer(1, 10_000),
            "candidates of every method, whatever its grid holds; the number of rates if not given");
    private static final Key<Long> SEED = Key.withDefault(
            "seed",
            Types.integer(Long.MIN_VALUE, Long.MAX_VALUE),
            1L,
            "seed of the search's trials and of the draw of candidates");
    private static final Key<Double> HOLDOUT = Key.withDefault(
            "holdout",
            Types.share(),
            0.1,
            "share of the training set that candidates are judged on; the dev set has no part in the choice");
    private static final Key<SearchChoice.Strategy> STRATEGY = Key.withDefault(
            "strategy",
            Types.oneOf("strategy", Types.names(SearchChoice.Strategy.values())),
            SearchChoice.Strategy.GRID,
            "grid: every candidate gets the whole budget; halving: short trials for all, longer ones for the best");
    private static final Key<Long> ETA = Key.withDefault(
            "eta",
            Types.integer(2, 100),
            2L,
            "halving: of so many candidates one goes on, with so many times the steps");
    private static final Key<Long> EPOCHS =
            Key.optional("epochs", Types.integer(1, 10_000), "epochs of a search's trial; the recipe's if not given");
    private static final Key<Long> STEPS = Key.optional(
            "steps", Types.integer(1, Integer.MAX_VALUE), "optimiser steps of a search's trial, instead of epochs");

    /** The section. */
    static final OptionalSection<SearchChoice> TYPE = new OptionalSection<>(Section.of(
            "search",
            List.of(LEARNING_RATES, TRIALS, SEED, HOLDOUT, STRATEGY, ETA, EPOCHS, STEPS),
            SearchSection::build));

    private SearchSection() {}

    private static @Nullable SearchChoice build(Values values, Problems problems) {
        int before = problems.count();
        List<Double> rates = values.get(LEARNING_RATES);
        Long given = values.find(TRIALS);
        long trials = given == null ? rates.size() : given;
        if (trials < rates.size()) {
            problems.add(
                    values.origin(TRIALS),
                    values.path(TRIALS) + " must be at least the number of " + values.path(LEARNING_RATES) + " ("
                            + rates.size() + "), not " + trials + ": a method without a grid is tried at every rate");
        }
        Long epochs = values.find(EPOCHS);
        Long steps = values.find(STEPS);
        if (epochs != null && steps != null) {
            problems.add(
                    values.origin(STEPS),
                    "give " + values.path(EPOCHS) + " or " + values.path(STEPS) + ", not both (first at "
                            + values.origin(EPOCHS).where() + ")");
        }
        return problems.count() > before
                ? null
                : new SearchChoice(
                        rates,
                        (int) trials,
                        values.get(SEED),
                        values.get(HOLDOUT),
                        values.get(STRATEGY),
                        values.get(ETA).intValue(),
                        epochs == null ? 0 : epochs.intValue(),
                        steps == null ? 0 : steps);
    }
}
