package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.KaimingInit;
import io.lora4j.recipes.method.Preconditioning.Form;

/**
 * P-LoRA: LoRA whose gradients are preconditioned by the factors' Gram matrices before AdamW sees them (scaled AdamW), in PEFT's form or the
 * authors'; with {@code optimizer: sgd}, scaled gradient descent. What LoRA with a preconditioner is.
 *
 * @param composition what the start is combined with
 */
public record PLoraSettings(Composition composition) implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(
                    Composition.PLAIN.with(Preconditioning.of(Form.PEFT)))
            .refuse(
                    Preconditioning.FORM,
                    form -> form == Form.NONE,
                    "P-LoRA is LoRA with a preconditioner; take peft or authors, or the method lora");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "p-lora",
            "P-LoRA: LoRA whose gradients are preconditioned by the factors' Gram matrices (scaled AdamW; sgd: scaled GD)",
            "Zhang and Pilanci 2024, arXiv 2402.02347; PEFT 0.21 optimizers/riemannian.py, or the authors' code at c3a2c1b",
            CompositionRules.keys(),
            RULES.reading(PLoraSettings::new));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public AdapterInitializer initializer() {
        return new KaimingInit();
    }
}
