package io.lora4j.recipes.method;

import io.lora4j.init.LoraOneInit;
import io.lora4j.optim.UniformGroups;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Types;
import java.util.List;
import java.util.Map;

/**
 * LoRA-One in its final form: s A B starts as the rank-r part of one gradient step, W stays.
 *
 * @param gamma the divisor of the first step: s A0 B0 has spectral norm s / gamma; greater than 0
 */
public record LoraOneSettings(double gamma) implements MethodSettings {
    private static final Key<Double> GAMMA = Key.withDefault(
            "gamma",
            Types.above(0),
            128.0,
            "divisor of the first step: the adapters start with spectral norm s / gamma");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora-one",
            "LoRA-One (final form): starts as the rank-r part of one gradient step",
            "Zhang, Liu and Chen 2025, arXiv 2502.01235v3 algorithm 1; the authors' code at 01bba05",
            List.of(GAMMA),
            values -> new LoraOneSettings(values.get(GAMMA)));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        return Map.of(GAMMA.name(), gamma);
    }

    @Override
    public MethodPlan plan() {
        return new MethodPlan.Adapters(new LoraOneInit(gamma), new UniformGroups(false));
    }
}
