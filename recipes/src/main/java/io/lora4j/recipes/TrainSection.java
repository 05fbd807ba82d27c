package io.lora4j.recipes;

import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of {@code train}. */
final class TrainSection {
    /** Peak rates: one, or a grid of which each is a trial and a row of its own. */
    static final Key<List<Double>> LEARNING_RATE = Key.optional(
            "learning_rate",
            Types.oneOrMore(Types.above(0)),
            "peak learning rate, or a list: each is a trial and a row of its own");

    private static final Key<Long> EPOCHS = Key.optional(
            "epochs", Types.integer(1, 10_000), "times the training set is seen; 1 if steps are not given");
    private static final Key<Long> STEPS =
            Key.optional("steps", Types.integer(1, Integer.MAX_VALUE), "optimiser steps, instead of epochs");
    private static final long DEFAULT_BATCH = 32;
    private static final Key<Long> BATCH = Key.optional(
            "batch",
            Types.integer(1, 65_536),
            "examples per optimiser step; " + DEFAULT_BATCH + " if tokens are not given");
    private static final Key<Long> TOKENS = Key.optional(
            "tokens",
            Types.integer(1, Integer.MAX_VALUE),
            "tokens per optimiser step, instead of a batch: steps cost the same, examples per step differ");
    private static final Key<Long> MICRO_BATCH = Key.optional(
            "micro_batch",
            Types.integer(1, 65_536),
            "most examples at once, to save memory; the whole batch if not given");
    private static final Key<Long> LENGTH_GROUP = Key.withDefault(
            "length_group",
            Types.integer(1, 1_000_000),
            20L,
            "batches per chunk that is sorted by length, to save time; 1 is a plain shuffle");
    private static final Key<Recipe.Schedule> SCHEDULE = Key.withDefault(
            "schedule",
            Types.oneOf("schedule", Types.names(Recipe.Schedule.values())),
            Recipe.Schedule.LINEAR,
            "how the rate goes on after warm-up");
    private static final Key<Double> WARMUP_RATIO = Key.optional(
            "warmup_ratio", Types.fraction(), "part of all steps over which the rate rises; 0.06 if not given");
    private static final Key<Long> WARMUP_STEPS = Key.optional(
            "warmup_steps", Types.integer(0, Integer.MAX_VALUE), "steps over which the rate rises, instead of a ratio");
    private static final Key<Double> WEIGHT_DECAY =
            Key.withDefault("weight_decay", Types.atLeast(0), 0.0, "decoupled weight decay of AdamW");
    private static final Key<Double> MAX_GRAD_NORM = Key.withDefault(
            "max_grad_norm", Types.atLeast(0), 1.0, "global gradient norm is clipped to it; 0: not clipped");
    private static final Key<Double> DROPOUT = Key.optional(
            "dropout", Types.fraction(), "the encoder's dropout in training; that of its configuration if not given");
    private static final Key<List<Long>> SEEDS = Key.withDefault(
            "seeds",
            Types.oneOrMore(Types.integer(Long.MIN_VALUE, Long.MAX_VALUE)),
            List.of(1L),
            "each is a trial of its own; a row shows their mean and standard deviation");

    /** The section. */
    static final Section<Recipe.TrainChoice> TYPE = Section.of(
                    "train",
                    List.of(
                            LEARNING_RATE,
                            EPOCHS,
                            STEPS,
                            BATCH,
                            TOKENS,
                            MICRO_BATCH,
                            LENGTH_GROUP,
                            SCHEDULE,
                            WARMUP_RATIO,
                            WARMUP_STEPS,
                            WEIGHT_DECAY,
                            MAX_GRAD_NORM,
                            DROPOUT,
                            SEEDS),
                    (values, problems) -> build(values))
            .checking(TrainSection::check);

    private TrainSection() {}

    /** What cannot stand together. */
    private static void check(Values values, Problems problems) {
        refuseBoth(values, EPOCHS, STEPS, problems);
        refuseBoth(values, WARMUP_RATIO, WARMUP_STEPS, problems);
        refuseBoth(values, BATCH, TOKENS, problems);
        Long tokens = unlessOverridden(values, TOKENS, BATCH);
        Long microBatch = unlessOverridden(values, MICRO_BATCH, TOKENS);
        long batch = given(values.find(BATCH), DEFAULT_BATCH);
        if (tokens != null && microBatch != null) {
            problems.add(
                    values.origin(MICRO_BATCH),
                    "remove " + values.path(MICRO_BATCH) + ": it counts examples, and with " + values.path(TOKENS)
                            + " a step is laid out in as many pieces as memory asks for");
        } else if (microBatch != null && microBatch > batch && !values.isWrong(BATCH) && !values.isWrong(TOKENS)) {
            problems.add(
                    values.origin(MICRO_BATCH),
                    values.path(MICRO_BATCH) + " must be at most " + values.path(BATCH) + " (" + batch + "), not "
                            + microBatch);
        }
    }

    private static Recipe.TrainChoice build(Values values) {
        Long tokens = unlessOverridden(values, TOKENS, BATCH);
        Long microBatch = unlessOverridden(values, MICRO_BATCH, TOKENS);
        long batch = tokens != null ? 0 : given(values.find(BATCH), DEFAULT_BATCH);
        Long epochs = unlessOverridden(values, EPOCHS, STEPS);
        Long steps = unlessOverridden(values, STEPS, EPOCHS);
        Double ratio = unlessOverridden(values, WARMUP_RATIO, WARMUP_STEPS);
        List<Double> rates = values.find(LEARNING_RATE);
        return new Recipe.TrainChoice(
                rates == null ? List.of() : rates,
                steps != null ? 0 : epochs == null ? 1 : epochs.intValue(),
                steps == null ? 0 : steps,
                (int) batch,
                tokens == null ? 0 : tokens.intValue(),
                (int) given(microBatch, batch),
                values.get(LENGTH_GROUP).intValue(),
                values.get(SCHEDULE),
                ratio == null ? 0.06 : ratio,
                unlessOverridden(values, WARMUP_STEPS, WARMUP_RATIO),
                values.get(WEIGHT_DECAY),
                values.get(MAX_GRAD_NORM),
                values.find(DROPOUT),
                values.get(SEEDS));
    }

    private static long given(@Nullable Long value, long otherwise) {
        return value == null ? otherwise : value;
    }

    private static void refuseBoth(Values values, Key<?> one, Key<?> other, Problems problems) {
        if (values.isGiven(one)
                && values.isGiven(other)
                && values.origin(one).isOverride() == values.origin(other).isOverride()) {
            problems.add(
                    values.origin(other),
                    "give " + values.path(one) + " or " + values.path(other) + ", not both (first at "
                            + values.origin(one).where() + ")");
        }
    }

    /** The value of a key, but null if its alternative was typed on the command line over a file that has this one. */
    private static <T> @Nullable T unlessOverridden(Values values, Key<T> key, Key<?> alternative) {
        boolean overridden = values.isGiven(alternative)
                && values.origin(alternative).isOverride()
                && !(values.isGiven(key) && values.origin(key).isOverride());
        return overridden ? null : values.find(key);
    }
}
