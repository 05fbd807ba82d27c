package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.optim.ParameterGroups;

/** What a method is made of, for the runner. */
public sealed interface MethodPlan {
    /** Nothing but the classifier is trained, on the frozen encoder's pooled outputs. */
    record HeadOnly() implements MethodPlan {}

    /**
     * Adapters and the classifier are trained.
     *
     * @param initializer chooses the factors; may ask for gradients
     * @param groups which parameters get which multiple of the learning rate, and weight decay
     */
    record Adapters(AdapterInitializer initializer, ParameterGroups groups) implements MethodPlan {}
}
