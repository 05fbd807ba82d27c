package io.lora4j.recipes.method;

import io.lora4j.init.EvaInit;
import io.lora4j.optim.UniformGroups;
import java.util.List;
import java.util.Map;

/**
 * EVA: A looks where the layer's inputs vary most, B is zero. The inputs are those of the gradient's examples, without dropout; every layer
 * keeps the recipe's rank (rho = 1).
 */
public record EvaSettings() implements MethodSettings {
    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "eva",
            "EVA: A from the principal directions of the layer's inputs, B zero; one rank for all layers (rho = 1)",
            "Paischer et al. 2024, arXiv 2410.07170; PEFT 0.21 lora/eva.py",
            List.of(),
            values -> new EvaSettings());

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        return Map.of();
    }

    @Override
    public MethodPlan plan() {
        return new MethodPlan.Adapters(new EvaInit(), new UniformGroups(false));
    }
}
