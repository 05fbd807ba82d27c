package io.lora4j.recipes.method;

import java.util.List;
import java.util.Map;

/**
 * The frozen encoder: only the classifier is trained, on pooled outputs that are computed once, without dropout.
 *
 * <p>The baseline that tells what adapting the encoder brings. Its classifier starts as that of every other method of the same seed
 * and sees the same examples in the same order under the same schedule.
 */
public record HeadOnlySettings() implements MethodSettings {
    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "head-only",
            "frozen encoder, only the classifier is trained (linear probe)",
            "Alain and Bengio 2016, arXiv 1610.01644",
            List.of(),
            values -> new HeadOnlySettings());

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
        return new MethodPlan.HeadOnly();
    }
}
