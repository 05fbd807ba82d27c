package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.GaussianInit;
import io.lora4j.init.KaimingInit;
import io.lora4j.init.OrthogonalInit;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * LoRA: A random, B zero, one learning rate. What every other adapter method departs from in one part.
 *
 * @param init how the factors are drawn
 * @param composition what the start is combined with
 */
public record LoraSettings(Init init, Composition composition) implements AdapterSettings {
    /** Random starts that leave the output as it is. */
    public enum Init {
        /** A uniform in +-1/sqrt(in), B zero ({@link KaimingInit}). */
        KAIMING,
        /** A normal with deviation 1/r, B zero ({@link GaussianInit}). */
        GAUSSIAN,
        /** Neither zero, yet A B is ({@link OrthogonalInit}); needs an even rank. */
        ORTHOGONAL
    }

    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN);

    private static final Key<Init> INIT = Key.withDefault(
            "init",
            Types.oneOf("init", Types.names(Init.values())),
            Init.KAIMING,
            "kaiming: A uniform, B zero; gaussian: A normal with deviation 1/r, B zero; orthogonal: A B = 0, neither zero");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora",
            "LoRA: A random (Kaiming-uniform, Gaussian), B zero; or orthogonal factors",
            "Hu et al. 2021, arXiv 2106.09685; starts as in PEFT 0.21 lora/layer.py",
            CompositionRules.keys(INIT),
            LoraSettings::read);

    private static @Nullable MethodSettings read(Values values, Problems problems) {
        Composition composition = RULES.read(values, problems);
        return composition == null ? null : new LoraSettings(values.get(INIT), composition);
    }

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> ownMap() {
        return Map.of(INIT.name(), Types.name(init));
    }

    @Override
    public Optional<String> misfit(int rank) {
        return init == Init.ORTHOGONAL && rank % 2 != 0
                ? Optional.of(
                        "init: orthogonal gives half of the rank to A and half to B, so adapter.rank must be even, not "
                                + rank)
                : Optional.empty();
    }

    @Override
    public AdapterInitializer initializer() {
        return switch (init) {
            case KAIMING -> new KaimingInit();
            case GAUSSIAN -> new GaussianInit();
            case ORTHOGONAL -> new OrthogonalInit();
        };
    }
}
