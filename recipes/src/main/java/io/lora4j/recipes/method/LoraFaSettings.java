package io.lora4j.recipes.method;

import io.lora4j.init.KaimingInit;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.EpsilonMode;
import io.lora4j.optim.LoraFa;
import io.lora4j.optim.LoraFaGroups;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * LoRA-FA: A stays as it was drawn, B moves by the projected gradient, under AdamW in PEFT's form (epsilon 1e-6 beside the root that is not
 * corrected). A is no trainable parameter.
 */
public record LoraFaSettings() implements MethodSettings {
    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora-fa",
            "LoRA-FA: A stays frozen, B by the projected gradient",
            "Zhang et al. 2023, arXiv 2308.03303; PEFT 0.21 optimizers/lorafa.py",
            List.of(),
            values -> new LoraFaSettings());

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        return Map.of();
    }

    private static AdamW updater(ISchedule schedule) {
        return new AdamW(0, schedule, AdamW.DEFAULT_BETA1, AdamW.DEFAULT_BETA2, LoraFa.ADAM_EPSILON, EpsilonMode.ND4J);
    }

    @Override
    public MethodPlan plan() {
        return new MethodPlan.Adapters(
                new KaimingInit(), new LoraFaGroups(false), new LoraFa(), LoraFaSettings::updater);
    }
}
