package io.lora4j.recipes.method;

import io.lora4j.optim.UniformGroups;
import java.util.List;
import java.util.Map;

/**
 * Full fine-tuning: every parameter of encoder and classifier is trained, embeddings and normalisations too; there is no adapter. What the
 * others are measured against. Wants a rate well below that of adapters.
 */
public record FullSettings() implements MethodSettings {
    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "full",
            "full fine-tuning: every parameter is trained, no adapter",
            "Devlin et al. 2018, arXiv 1810.04805, section 4.1",
            List.of(),
            values -> new FullSettings());

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
        return new MethodPlan.Full(new UniformGroups(false));
    }
}
