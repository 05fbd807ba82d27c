package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.PissaInit;

/**
 * PiSSA: the adapters take the principal singular triplets of W, and W keeps the residual; the output stays.
 *
 * @param composition what the start is combined with
 */
public record PissaSettings(Composition composition) implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN);

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "pissa",
            "PiSSA: A and B from the principal singular vectors of W, W shifted",
            "Meng, Wang and Zhang 2024, arXiv 2404.02948; PEFT 0.21 lora/layer.py, pissa_init",
            CompositionRules.keys(),
            RULES.reading(PissaSettings::new));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public AdapterInitializer initializer() {
        return new PissaInit();
    }
}
