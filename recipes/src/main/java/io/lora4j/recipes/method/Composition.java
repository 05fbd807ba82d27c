package io.lora4j.recipes.method;

import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.LoraPlusGroups;
import io.lora4j.optim.ParameterGroups;
import io.lora4j.optim.UniformGroups;
import io.lora4j.recipes.schema.Types;
import io.lora4j.train.UpdateRule;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * The parts of an adapter method beside its start, which recipes combine freely; {@link CompositionRules} refuses what makes no sense.
 * Immutable; equal compositions train equally.
 *
 * @param preconditioning what stands between the factors' gradients and the optimiser (P-LoRA)
 * @param ratio learning rate of B, and of vectors, over that of A (LoRA+), greater than 0; 1 for one rate
 * @param scaling how alpha and r give s; null for what the recipe's {@code adapter} section says (rsLoRA)
 * @param weightForm what an adapted layer computes with: W + s A B, or its columns normalised and given a magnitude (DoRA)
 * @param optimizer what turns gradients into steps
 */
public record Composition(
        Preconditioning preconditioning,
        double ratio,
        @Nullable Scaling scaling,
        WeightForm weightForm,
        Optimizer optimizer) {
    /** What turns gradients into steps. */
    public enum Optimizer {
        /** Adam in torch's form with decoupled weight decay ({@link AdamW}). */
        ADAMW,
        /** Plain gradient descent; on preconditioned gradients it is scaled gradient descent (arXiv 2402.02347, equation 3). */
        SGD
    }

    /** Nothing but the start: plain gradients, one rate, the recipe's scaling, W + s A B, AdamW. */
    public static final Composition PLAIN =
            new Composition(Preconditioning.NONE, 1, null, WeightForm.PLAIN, Optimizer.ADAMW);

    /** Checks the ratio. */
    public Composition {
        if (!(ratio > 0 && ratio < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("ratio must be greater than 0: " + ratio);
        }
    }

    /**
     * This composition with another preconditioner.
     *
     * @param changed the preconditioner
     * @return a new composition
     */
    public Composition with(Preconditioning changed) {
        return new Composition(changed, ratio, scaling, weightForm, optimizer);
    }

    /**
     * This composition with another ratio.
     *
     * @param changed B's rate over A's
     * @return a new composition
     */
    public Composition withRatio(double changed) {
        return new Composition(preconditioning, changed, scaling, weightForm, optimizer);
    }

    /**
     * This composition with a scaling of its own.
     *
     * @param changed how alpha and r give s
     * @return a new composition
     */
    public Composition with(Scaling changed) {
        return new Composition(preconditioning, ratio, changed, weightForm, optimizer);
    }

    /**
     * This composition in another weight form.
     *
     * @param changed what a layer computes with
     * @return a new composition
     */
    public Composition with(WeightForm changed) {
        return new Composition(preconditioning, ratio, scaling, changed, optimizer);
    }

    /**
     * This composition with another optimiser.
     *
     * @param changed what turns gradients into steps
     * @return a new composition
     */
    public Composition with(Optimizer changed) {
        return new Composition(preconditioning, ratio, scaling, weightForm, changed);
    }

    /**
     * The parts as a recipe writes them.
     *
     * @return key to value in the order of {@link CompositionRules#KEYS}; what is not there is left out
     */
    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        preconditioning.putInto(map);
        map.put(CompositionRules.RATIO.name(), ratio);
        Scaling own = scaling;
        if (own != null) {
            map.put(CompositionRules.SCALING.name(), Types.name(own));
        }
        map.put(CompositionRules.WEIGHT_FORM.name(), Types.name(weightForm));
        map.put(CompositionRules.OPTIMIZER.name(), Types.name(optimizer));
        return map;
    }

    /** A start, stepped by these parts. */
    MethodPlan.Adapters plan(AdapterInitializer initializer) {
        return plan(initializer, preconditioning.rule());
    }

    /** A start, stepped by these parts but for a preconditioner in the form that a method's own code has. */
    MethodPlan.Adapters plan(AdapterInitializer initializer, UpdateRule rule) {
        ParameterGroups groups = ratio == 1 ? new UniformGroups(false) : new LoraPlusGroups(ratio);
        Function<ISchedule, IUpdater> updater = optimizer == Optimizer.SGD ? Sgd::new : AdamW::new;
        return plan(initializer, groups, rule, updater);
    }

    /** A method that steps in its own way: only scaling and weight form are these. */
    MethodPlan.Adapters plan(
            AdapterInitializer initializer,
            ParameterGroups groups,
            UpdateRule rule,
            Function<ISchedule, IUpdater> updater) {
        return new MethodPlan.Adapters(initializer, groups, rule, updater, scaling, weightForm);
    }
}
