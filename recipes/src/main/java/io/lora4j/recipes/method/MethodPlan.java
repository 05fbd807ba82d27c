package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.ParameterGroups;
import io.lora4j.train.UpdateRule;
import java.util.function.Function;
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
     * @param updater the optimiser behind the rule, made of a schedule of the rate
     */
    record Adapters(
            AdapterInitializer initializer, ParameterGroups groups, UpdateRule rule, Function<ISchedule, AdamW> updater)
            implements MethodPlan {
        /**
         * Stepped by a rule over plain AdamW.
         *
         * @param initializer chooses the factors
         * @param groups which parameters get which multiple of the learning rate, and weight decay
         * @param rule how a step's gradient becomes a change of the parameters
         */
        public Adapters(AdapterInitializer initializer, ParameterGroups groups, UpdateRule rule) {
            this(initializer, groups, rule, AdamW::new);
        }

        /**
         * Stepped by plain AdamW.
         *
         * @param initializer chooses the factors
         * @param groups which parameters get which multiple of the learning rate, and weight decay
         */
        public Adapters(AdapterInitializer initializer, ParameterGroups groups) {
            this(initializer, groups, UpdateRule.DL4J);
        }
    }

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
