package io.lora4j.recipes.method;

import io.lora4j.init.PissaInit;
import io.lora4j.optim.UniformGroups;
import java.util.List;
import java.util.Map;

/** PiSSA: the adapters take the principal singular triplets of W, and W keeps the residual; the output stays. */
public record PissaSettings() implements MethodSettings {
    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "pissa",
            "PiSSA: A and B from the principal singular vectors of W, W shifted",
            "Meng, Wang and Zhang 2024, arXiv 2404.02948; PEFT 0.21 lora/layer.py, pissa_init",
            List.of(),
            values -> new PissaSettings());

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
        return new MethodPlan.Adapters(new PissaInit(), new UniformGroups(false));
    }
}
