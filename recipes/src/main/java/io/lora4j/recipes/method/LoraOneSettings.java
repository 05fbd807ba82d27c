package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.LoraOneInit;
import io.lora4j.init.LoraOneSpectralInit;
import io.lora4j.init.LoraOneTalkInit;
import io.lora4j.init.Refill;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * LoRA-One: the adapters start along the gradient's leading singular vectors. There are three versions of it; gamma means something
 * else in each.
 *
 * @param variant which version
 * @param gamma greater than 0. final: divisor of the first step, s A0 B0 has spectral norm s / gamma; talk: divisor of the factors' size,
 *     sqrt(sqrt(out)) / sqrt(gamma); spectral: multiplier of the gradient, A0 B0 = -gamma P_r(G)
 * @param refill what happens to pairs for which the gradient has no direction left
 * @param composition what the start is combined with
 */
public record LoraOneSettings(Variant variant, double gamma, Refill refill, Composition composition)
        implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN);

    /** The three versions. */
    public enum Variant {
        /** Algorithm 1 of the paper's version 3 and the published code: W stays, plain AdamW ({@link LoraOneInit}). */
        FINAL(LoraOneInit.DEFAULT_GAMMA, Preconditioning.Form.NONE),
        /** Algorithm 1 of the talk: W shifted, singular values dropped, preconditioned AdamW ({@link LoraOneTalkInit}). */
        TALK(LoraOneTalkInit.DEFAULT_GAMMA, Preconditioning.Form.AUTHORS),
        /** The theory's initialisation ({@link LoraOneSpectralInit}). */
        SPECTRAL(LoraOneSpectralInit.DEFAULT_GAMMA, Preconditioning.Form.NONE);

        private final double defaultGamma;
        private final Preconditioning.Form defaultForm;

        Variant(double defaultGamma, Preconditioning.Form defaultForm) {
            this.defaultGamma = defaultGamma;
            this.defaultForm = defaultForm;
        }
    }

    /** What to do with dead pairs, for every method that starts from a gradient. */
    static final Key<Refill> REFILL = Key.withDefault(
            "refill",
            Types.oneOf("refill", Types.names(Refill.values())),
            Refill.KAIMING,
            "pairs beyond the gradient's rank: kaiming starts them as plain LoRA, none leaves them as in the authors' code");

    private static final Key<Variant> VARIANT = Key.withDefault(
            "variant",
            Types.oneOf("variant", Types.names(Variant.values())),
            Variant.FINAL,
            "final: W stays, AdamW; talk: W shifted, preconditioned by the authors' form; spectral: the theory's start");
    private static final Key<Double> GAMMA = Key.optional(
            "gamma",
            Types.above(0),
            "final: the adapters start with spectral norm s / gamma, 128 if not given; talk: divisor, 16; spectral: multiplier, 0.01");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora-one",
            "LoRA-One: starts as the rank-r part of one gradient step (final), or as in the talk or the theory",
            "Zhang, Liu and Chen 2025, arXiv 2502.01235v3 algorithm 1; the authors' code at 01bba05 (final), of February 2025 (talk)",
            CompositionRules.keys(VARIANT, GAMMA, REFILL),
            LoraOneSettings::read);

    private static @Nullable MethodSettings read(Values values, Problems problems) {
        Variant variant = values.get(VARIANT);
        Double gamma = values.find(GAMMA);
        Composition composition = RULES.preconditionedBy(variant.defaultForm).read(values, problems);
        return composition == null
                ? null
                : new LoraOneSettings(
                        variant, gamma == null ? variant.defaultGamma : gamma, values.get(REFILL), composition);
    }

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> ownMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(VARIANT.name(), Types.name(variant));
        map.put(GAMMA.name(), gamma);
        map.put(REFILL.name(), Types.name(refill));
        return map;
    }

    @Override
    public AdapterInitializer initializer() {
        return switch (variant) {
            case FINAL -> new LoraOneInit(gamma, refill);
            case TALK -> new LoraOneTalkInit(gamma, refill);
            case SPECTRAL -> new LoraOneSpectralInit(gamma, refill);
        };
    }

    @Override
    public MethodPlan plan() {
        return composition.plan(initializer(), composition.preconditioning().ruleOfLoraOne());
    }
}
