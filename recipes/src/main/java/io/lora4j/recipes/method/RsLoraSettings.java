package io.lora4j.recipes.method;

import io.lora4j.adapter.Scaling;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.KaimingInit;

/**
 * rsLoRA: LoRA with s = alpha / sqrt(r), which keeps the update's size as the rank grows, whatever {@code adapter.scaling} says.
 *
 * @param composition what the start is combined with
 */
public record RsLoraSettings(Composition composition) implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN.with(Scaling.RSLORA))
            .refuse(
                    CompositionRules.SCALING,
                    scaling -> scaling != Scaling.RSLORA,
                    "rsLoRA is LoRA with scaling: rslora; remove it, or take the method lora with this scaling");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "rslora",
            "rsLoRA: LoRA scaled by alpha / sqrt(r)",
            "Kalajdzievski 2023, arXiv 2312.03732; PEFT 0.21 lora/layer.py, use_rslora",
            CompositionRules.keys(),
            RULES.reading(RsLoraSettings::new));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public AdapterInitializer initializer() {
        return new KaimingInit();
    }
}
