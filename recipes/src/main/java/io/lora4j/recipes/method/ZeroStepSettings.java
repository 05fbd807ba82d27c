package io.lora4j.recipes.method;

import java.util.List;
import java.util.Map;

/**
 * The pre-trained encoder with the classifier that all methods of a seed start from: nothing is trained. Chance, unless {@code
 * gradient.head_warmup_steps} has trained the classifier before.
 */
public record ZeroStepSettings() implements MethodSettings {
    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "zero-step",
            "the pre-trained encoder with its initial classifier: nothing is trained",
            "the row \"Pre-trained\" of Zhang, Liu and Chen 2025, arXiv 2502.01235",
            List.of(),
            values -> new ZeroStepSettings());

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        return Map.of();
    }

    @Override
    public boolean takesLearningRate() {
        return false;
    }

    @Override
    public MethodPlan plan() {
        return new MethodPlan.ZeroStep();
    }
}
