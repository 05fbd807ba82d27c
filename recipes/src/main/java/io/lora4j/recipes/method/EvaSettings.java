package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.EvaInit;

/**
 * EVA: A looks where the layer's inputs vary most, B is zero. The inputs are those of the gradient's examples, without dropout; every layer
 * keeps the recipe's rank (rho = 1).
 *
 * @param composition what the start is combined with
 */
public record EvaSettings(Composition composition) implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN);

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "eva",
            "EVA: A from the principal directions of the layer's inputs, B zero; one rank for all layers (rho = 1)",
            "Paischer et al. 2024, arXiv 2410.07170; PEFT 0.21 lora/eva.py",
            CompositionRules.keys(),
            RULES.reading(EvaSettings::new));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public AdapterInitializer initializer() {
        return new EvaInit();
    }
}
