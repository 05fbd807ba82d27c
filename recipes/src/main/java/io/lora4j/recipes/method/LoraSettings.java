package io.lora4j.recipes.method;

import io.lora4j.init.KaimingInit;
import io.lora4j.optim.UniformGroups;
import java.util.List;
import java.util.Map;

/** LoRA: A random, B zero, one learning rate. rsLoRA is LoRA with {@code adapter.scaling: rslora}. */
public record LoraSettings() implements MethodSettings {
    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora",
            "LoRA: A Kaiming-uniform, B zero",
            "Hu et al. 2021, arXiv 2106.09685; initialisation as in PEFT 0.21 lora/layer.py",
            List.of(),
            values -> new LoraSettings());

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
        return new MethodPlan.Adapters(new KaimingInit(), new UniformGroups(false));
    }
}
