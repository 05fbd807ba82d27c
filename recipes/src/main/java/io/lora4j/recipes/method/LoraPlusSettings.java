package io.lora4j.recipes.method;

import io.lora4j.init.KaimingInit;
import io.lora4j.optim.LoraPlusGroups;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Types;
import java.util.List;
import java.util.Map;

/**
 * LoRA+: B and one-dimensional tensors learn {@code ratio} times faster than A and the classifier's weight.
 *
 * @param ratio lambda, B's learning rate over A's, greater than 0
 */
public record LoraPlusSettings(double ratio) implements MethodSettings {
    private static final Key<Double> RATIO = Key.withDefault(
            "ratio", Types.above(0), 16.0, "learning rate of B (and of biases) as a multiple of that of A");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora-plus",
            "LoRA+: LoRA whose B learns faster than A",
            "Hayou et al. 2024, arXiv 2402.12354; groups as in the authors' lora_plus.py",
            List.of(RATIO),
            values -> new LoraPlusSettings(values.get(RATIO)));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        return Map.of(RATIO.name(), ratio);
    }

    @Override
    public MethodPlan plan() {
        return new MethodPlan.Adapters(new KaimingInit(), new LoraPlusGroups(ratio));
    }
}
