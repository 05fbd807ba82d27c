package io.lora4j.recipes.method;

import java.util.Map;

/** The settings of one method. Immutable; equal settings train equally. */
public sealed interface MethodSettings
        permits ZeroStepSettings,
                OneStepSettings,
                HeadOnlySettings,
                FullSettings,
                LoraSettings,
                LoraPlusSettings,
                PLoraSettings,
                LoraGaSettings,
                LoraOneSettings,
                PissaSettings,
                OloraSettings,
                EvaSettings,
                LoraFaSettings,
                LoraProSettings {
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
     * What the method is made of.
     *
     * @return parts for one trial; a new object, safe to use once
     */
    MethodPlan plan();
}
