package io.lora4j.recipes.method;

import io.lora4j.init.KaimingInit;
import io.lora4j.optim.LoraPro;
import io.lora4j.optim.UniformGroups;
import java.util.List;
import java.util.Map;

/** LoRA-Pro: the factors step so that W moves as close as they can to an Adam step of full fine-tuning. */
public record LoraProSettings() implements MethodSettings {
    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora-pro",
            "LoRA-Pro: the factors follow full fine-tuning's Adam step; averages as large as W",
            "Wang et al. 2024, arXiv 2407.18242; the authors' code at fe26027",
            List.of(),
            values -> new LoraProSettings());

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
        return new MethodPlan.Adapters(new KaimingInit(), new UniformGroups(false), new LoraPro());
    }
}
