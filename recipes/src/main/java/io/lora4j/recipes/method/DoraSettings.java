package io.lora4j.recipes.method;

import io.lora4j.adapter.WeightForm;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.KaimingInit;

/**
 * DoRA: the columns of W + s A B are normalised and get a trained magnitude; A and B start as LoRA's. The norms are constants in the
 * backward pass.
 *
 * @param composition what the start is combined with
 */
public record DoraSettings(Composition composition) implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN.with(WeightForm.DORA))
            .refuse(
                    CompositionRules.WEIGHT_FORM,
                    form -> form != WeightForm.DORA,
                    "DoRA is LoRA with weight_form: dora; remove it, or take the method lora");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "dora",
            "DoRA: LoRA on the direction of W, with a trained magnitude for every output",
            "Liu et al. 2024, arXiv 2402.09353; PEFT 0.21 lora/dora.py",
            CompositionRules.keys(),
            RULES.reading(DoraSettings::new));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public AdapterInitializer initializer() {
        return new KaimingInit();
    }
}
