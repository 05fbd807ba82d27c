package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.KaimingInit;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.EpsilonMode;
import io.lora4j.optim.LoraFa;
import io.lora4j.optim.LoraFaGroups;
import io.lora4j.recipes.method.Composition.Optimizer;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * LoRA-FA: A stays as it was drawn, B moves by the projected gradient, under AdamW in PEFT's form (epsilon 1e-6 beside the root that is not
 * corrected). A is no trainable parameter.
 *
 * @param composition what the start is combined with
 */
public record LoraFaSettings(Composition composition) implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN)
            .refuse(
                    Preconditioning.FORM,
                    form -> form != Preconditioning.Form.NONE,
                    "LoRA-FA replaces B's gradient by its own projection, (A^T A)^-1 dB / s^2; remove it, or take p-lora")
            .refuse(
                    CompositionRules.RATIO,
                    ratio -> ratio != 1,
                    "A does not move in LoRA-FA, so B has no rate beside A's; remove it, and set learning_rate")
            .refuse(
                    CompositionRules.OPTIMIZER,
                    optimizer -> optimizer != Optimizer.ADAMW,
                    "LoRA-FA is published over AdamW in a form of its own; remove it, or take lora with optimizer: sgd");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora-fa",
            "LoRA-FA: A stays frozen, B by the projected gradient",
            "Zhang et al. 2023, arXiv 2308.03303; PEFT 0.21 optimizers/lorafa.py",
            CompositionRules.keys(),
            RULES.reading(LoraFaSettings::new));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public AdapterInitializer initializer() {
        return new KaimingInit();
    }

    private static AdamW updater(ISchedule schedule) {
        return new AdamW(0, schedule, AdamW.DEFAULT_BETA1, AdamW.DEFAULT_BETA2, LoraFa.ADAM_EPSILON, EpsilonMode.ND4J);
    }

    @Override
    public MethodPlan plan() {
        return composition.plan(initializer(), new LoraFaGroups(false), new LoraFa(), LoraFaSettings::updater);
    }
}
