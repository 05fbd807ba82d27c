package io.lora4j.recipes.method;

import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.optim.ParameterGroups;
import io.lora4j.train.UpdateRule;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/** What a method is made of, for the runner. */
public sealed interface MethodPlan {
    /** Nothing but the classifier is trained, on the frozen encoder's pooled outputs. */
    record HeadOnly() implements MethodPlan {}

    /**
     * Adapters and the classifier are trained.
     *
     * @param initializer chooses the factors; may ask for gradients or for the layers' inputs
     * @param groups which parameters get which multiple of the learning rate, and weight decay
     * @param rule how a step's gradient becomes a change of the parameters; may keep state
     * @param updater the optimiser behind the rule, made of a schedule of the rate: AdamW or Sgd
     * @param scaling how alpha and r give s; null for what the recipe's adapter section says
     * @param weightForm what an adapted layer computes with
     */
    record Adapters(
            AdapterInitializer initializer,
            ParameterGroups groups,
            UpdateRule rule,
            Function<ISchedule, IUpdater> updater,
            @Nullable Scaling scaling,
            WeightForm weightForm)
            implements MethodPlan {}

    /**
     * Every parameter of encoder and classifier is trained; there are no adapters.
     *
     * @param groups which parameters get which multiple of the learning rate, and weight decay
     */
    record Full(ParameterGroups groups) implements MethodPlan {}

    /**
     * One step of gradient descent, and nothing after it.
     *
     * @param scope what the step changes
     */
    record OneStep(OneStepSettings.Scope scope) implements MethodPlan {}

    /** Nothing is trained. */
    record ZeroStep() implements MethodPlan {}
}
