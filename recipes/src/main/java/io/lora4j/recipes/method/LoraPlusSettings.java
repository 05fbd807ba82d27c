package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.KaimingInit;

/**
 * LoRA+: LoRA whose B, and vectors, learn {@code ratio} times faster than A and the classifier's weight.
 *
 * @param composition what the start is combined with
 */
public record LoraPlusSettings(Composition composition) implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN.withRatio(16));

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora-plus",
            "LoRA+: LoRA whose B learns faster than A",
            "Hayou et al. 2024, arXiv 2402.12354; groups as in the authors' lora_plus.py",
            CompositionRules.keys(),
            RULES.reading(LoraPlusSettings::new));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public AdapterInitializer initializer() {
        return new KaimingInit();
    }
}
