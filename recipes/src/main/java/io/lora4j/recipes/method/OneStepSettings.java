package io.lora4j.recipes.method;

import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Types;
import java.util.List;
import java.util.Map;

/**
 * One step of gradient descent, W - eta dL/dW, and nothing after it. eta is the one of the published grid with the smallest loss on the
 * gradient's examples, in training mode: never chosen on held-out data.
 *
 * @param scope what the step changes
 */
public record OneStepSettings(Scope scope) implements MethodSettings {
    /** What the step changes. */
    public enum Scope {
        /** Every parameter, embeddings, normalisations and classifier too, as {@code search_eta} of the authors' code. */
        ALL,
        /** The target matrices. */
        TARGETS,
        /** The target matrices, along the best rank-r approximation of their gradients. */
        RANK
    }

    private static final Key<Scope> SCOPE = Key.withDefault(
            "scope",
            Types.oneOf("scope", Types.names(Scope.values())),
            Scope.ALL,
            "all: every parameter; targets: the target matrices; rank: their gradients' rank-r part");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "one-step",
            "one step of full-batch gradient descent; its size from the published grid by the gradient examples' loss",
            "Zhang, Liu and Chen 2025, arXiv 2502.01235v3 section 6.1; search_eta of the authors' code at 01bba05",
            List.of(SCOPE),
            values -> new OneStepSettings(values.get(SCOPE)));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        return Map.of(SCOPE.name(), Types.name(scope));
    }

    @Override
    public boolean takesLearningRate() {
        return false;
    }

    @Override
    public MethodPlan plan() {
        return new MethodPlan.OneStep(scope);
    }
}
