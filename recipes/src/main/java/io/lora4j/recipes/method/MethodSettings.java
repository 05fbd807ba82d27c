package io.lora4j.recipes.method;

import java.util.Map;
import java.util.Optional;

/** The settings of one method. Immutable; equal settings train equally. */
public sealed interface MethodSettings
        permits ZeroStepSettings, OneStepSettings, HeadOnlySettings, FullSettings, AdapterSettings {
    /**
     * The method.
     *
     * @return its type, with name and source
     */
    MethodType type();

    /**
     * The settings as a recipe writes them.
     *
     * @return key to value, in the order of the type's keys; scalars only
     */
    Map<String, Object> toMap();

    /**
     * Whether the method takes optimiser steps at a learning rate of the recipe.
     *
     * @return false if there is nothing for which a rate could be given
     */
    default boolean takesLearningRate() {
        return true;
    }

    /**
     * Why the method cannot serve a rank, as far as that can be told without the encoder.
     *
     * @param rank the recipe's rank
     * @return the key, the limit and what would do; empty if it can
     */
    default Optional<String> misfit(int rank) {
        return Optional.empty();
    }

    /**
     * What the method is made of.
     *
     * @return parts for one trial; a new object, safe to use once
     */
    MethodPlan plan();
}
