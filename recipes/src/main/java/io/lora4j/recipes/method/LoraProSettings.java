package io.lora4j.recipes.method;

import io.lora4j.adapter.WeightForm;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.KaimingInit;
import io.lora4j.optim.LoraPro;
import io.lora4j.recipes.method.Composition.Optimizer;

/**
 * LoRA-Pro: the factors step so that W moves as close as they can to an Adam step of full fine-tuning.
 *
 * @param composition what the start is combined with
 */
public record LoraProSettings(Composition composition) implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN)
            .refuse(
                    Preconditioning.FORM,
                    form -> form != Preconditioning.Form.NONE,
                    "LoRA-Pro computes both factors' steps itself, from the gradient as it is; remove it, or take p-lora")
            .refuse(
                    CompositionRules.RATIO,
                    ratio -> ratio != 1,
                    "LoRA-Pro's two steps approximate one step of W together, which two rates would undo; remove it")
            .refuse(
                    CompositionRules.WEIGHT_FORM,
                    form -> form != WeightForm.PLAIN,
                    "LoRA-Pro's equivalent gradient is that of W + s A B, not of normalised columns; remove it, or take dora")
            .refuse(
                    CompositionRules.OPTIMIZER,
                    optimizer -> optimizer != Optimizer.ADAMW,
                    "LoRA-Pro follows full fine-tuning's Adam step, with averages of its own; remove it");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora-pro",
            "LoRA-Pro: the factors follow full fine-tuning's Adam step; averages as large as W",
            "Wang et al. 2024, arXiv 2407.18242; the authors' code at fe26027",
            CompositionRules.keys(),
            RULES.reading(LoraProSettings::new));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public AdapterInitializer initializer() {
        return new KaimingInit();
    }

    @Override
    public MethodPlan plan() {
        return composition.plan(initializer(), new LoraPro());
    }
}
