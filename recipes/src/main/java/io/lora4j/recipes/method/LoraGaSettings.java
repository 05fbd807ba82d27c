package io.lora4j.recipes.method;

import io.lora4j.init.LoraGaInit;
import io.lora4j.optim.UniformGroups;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * LoRA-GA in its authors' form: A and B from different singular vectors of the gradient, W shifted so that the output stays.
 *
 * @param direction which singular vectors go to A and which to B
 * @param scale how both are scaled
 * @param gamma the divisor of the stable scale, sqrt(sqrt(out)) / sqrt(gamma); greater than 0
 */
public record LoraGaSettings(LoraGaInit.Direction direction, LoraGaInit.Scale scale, double gamma)
        implements MethodSettings {
    private static final Key<LoraGaInit.Direction> DIRECTION = Key.withDefault(
            "direction",
            Types.oneOf("direction", Types.names(LoraGaInit.Direction.values())),
            LoraGaInit.Direction.ARB2R,
            "which singular vectors go to A and which to B");
    private static final Key<LoraGaInit.Scale> SCALE = Key.withDefault(
            "scale",
            Types.oneOf("scale", Types.names(LoraGaInit.Scale.values())),
            LoraGaInit.Scale.STABLE,
            "how the factors are scaled");
    private static final Key<Double> GAMMA = Key.withDefault(
            "gamma", Types.above(0), 16.0, "divisor of the stable scale: a larger gamma starts with smaller factors");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora-ga",
            "LoRA-GA: A and B from singular vectors of the gradient, W shifted",
            "Wang et al. 2024, arXiv 2407.05000; the authors' code at 89af7de, not PEFT's variant",
            List.of(DIRECTION, SCALE, GAMMA),
            values -> new LoraGaSettings(values.get(DIRECTION), values.get(SCALE), values.get(GAMMA)));

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(DIRECTION.name(), Types.name(direction));
        map.put(SCALE.name(), Types.name(scale));
        map.put(GAMMA.name(), gamma);
        return map;
    }

    @Override
    public MethodPlan plan() {
        return new MethodPlan.Adapters(new LoraGaInit(direction, scale, gamma), new UniformGroups(false));
    }
}
