package io.lora4j.recipes.method;

import io.lora4j.init.KaimingInit;
import io.lora4j.optim.UniformGroups;
import io.lora4j.recipes.method.Preconditioning.Form;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * P-LoRA: LoRA whose gradients are preconditioned by the factors' Gram matrices before AdamW sees them (scaled AdamW). What LoRA with a
 * preconditioner is; {@link LoraGaSettings} and {@link LoraOneSettings} take the same one by a key.
 *
 * @param preconditioning the form and its damping; not none
 */
public record PLoraSettings(Preconditioning preconditioning) implements MethodSettings {
    private static final Key<Form> FORM = Key.withDefault(
            "form",
            Types.oneOf("form", Types.names(new Form[] {Form.PEFT, Form.AUTHORS})),
            Form.PEFT,
            "PEFT's form, or the authors' (B sees the new A, no bias correction)");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "p-lora",
            "P-LoRA: LoRA whose gradients are preconditioned by the factors' Gram matrices",
            "Zhang and Pilanci 2024, arXiv 2402.02347; PEFT 0.21 optimizers/riemannian.py, or the authors' code at c3a2c1b",
            List.of(FORM, Preconditioning.DAMPING),
            PLoraSettings::read);

    private static @Nullable MethodSettings read(Values values, Problems problems) {
        Form form = values.get(FORM);
        Double damping = values.find(Preconditioning.DAMPING);
        return new PLoraSettings(damping == null ? Preconditioning.of(form) : new Preconditioning(form, damping));
    }

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(FORM.name(), Types.name(preconditioning.form()));
        preconditioning.putDamping(map);
        return map;
    }

    @Override
    public MethodPlan plan() {
        return new MethodPlan.Adapters(new KaimingInit(), new UniformGroups(false), preconditioning.rule());
    }
}
