package io.lora4j.recipes.method;

import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.LoraGaInit;
import io.lora4j.init.LoraGaPeftInit;
import io.lora4j.init.Refill;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * LoRA-GA: A and B from different singular vectors of the gradient, W shifted so that the output stays.
 *
 * @param form whose code
 * @param direction which singular vectors go to A and which to B
 * @param scale how both are scaled
 * @param gamma the divisor of the stable scale, sqrt(sqrt(out)) / sqrt(gamma); greater than 0
 * @param refill what happens to pairs for which the gradient has no direction left
 * @param composition what the start is combined with
 */
public record LoraGaSettings(
        Form form, LoraGaInit.Direction direction, Scale scale, double gamma, Refill refill, Composition composition)
        implements AdapterSettings {
    private static final CompositionRules RULES = CompositionRules.of(Composition.PLAIN);

    /** Whose code. */
    public enum Form {
        /** The authors': both factors of one size ({@link LoraGaInit}). */
        AUTHORS,
        /** PEFT's: B carries singular values of the gradient ({@link LoraGaPeftInit}). */
        PEFT
    }

    /** The scales of both forms. */
    public enum Scale {
        /** 1. */
        UNIT(LoraGaInit.Scale.UNIT, LoraGaPeftInit.Scale.UNIT),
        /** out^(1/4) / sqrt(gamma). */
        STABLE(LoraGaInit.Scale.STABLE, LoraGaPeftInit.Scale.STABLE),
        /** 1 / s. */
        GD(LoraGaInit.Scale.GD, LoraGaPeftInit.Scale.GD_SCALE),
        /** By the mean of the weight's singular values ({@code weightS}); the authors' form only. */
        WEIGHTS(LoraGaInit.Scale.WEIGHTS, null),
        /** By the weight's spectral norm; PEFT's form only. */
        WEIGHT_SVD(null, LoraGaPeftInit.Scale.WEIGHT_SVD);

        private final LoraGaInit.@Nullable Scale ofAuthors;
        private final LoraGaPeftInit.@Nullable Scale ofPeft;

        Scale(LoraGaInit.@Nullable Scale ofAuthors, LoraGaPeftInit.@Nullable Scale ofPeft) {
            this.ofAuthors = ofAuthors;
            this.ofPeft = ofPeft;
        }

        boolean fits(Form form) {
            return form == Form.AUTHORS ? ofAuthors != null : ofPeft != null;
        }
    }

    private static final Key<Form> FORM = Key.withDefault(
            "form",
            Types.oneOf("form", Types.names(Form.values())),
            Form.AUTHORS,
            "the authors' code, or PEFT's, in which B carries the gradient's singular values");
    private static final Key<LoraGaInit.Direction> DIRECTION = Key.withDefault(
            "direction",
            Types.oneOf("direction", Types.names(LoraGaInit.Direction.values())),
            LoraGaInit.Direction.ARB2R,
            "which singular vectors go to A and which to B");
    private static final Key<Scale> SCALE = Key.withDefault(
            "scale",
            Types.oneOf("scale", Types.names(Scale.values())),
            Scale.STABLE,
            "how the factors are scaled; weights: the authors' form only, weight-svd: PEFT's only");
    private static final Key<Double> GAMMA = Key.withDefault(
            "gamma", Types.above(0), 16.0, "divisor of the stable scale: a larger gamma starts with smaller factors");

    /** The method. */
    public static final MethodType TYPE = new MethodType(
            "lora-ga",
            "LoRA-GA: A and B from singular vectors of the gradient, W shifted",
            "Wang et al. 2024, arXiv 2407.05000; the authors' code at 89af7de, or PEFT 0.21 lora/layer.py",
            CompositionRules.keys(FORM, DIRECTION, SCALE, GAMMA, LoraOneSettings.REFILL),
            LoraGaSettings::read);

    private static @Nullable MethodSettings read(Values values, Problems problems) {
        Form form = values.get(FORM);
        Scale scale = values.get(SCALE);
        if (!scale.fits(form)) {
            Form other = form == Form.PEFT ? Form.AUTHORS : Form.PEFT;
            problems.add(
                    values.origin(SCALE),
                    values.path(SCALE) + ": " + Types.name(scale) + " is not defined in the form " + Types.name(form)
                            + "; take unit, stable or gd, or add " + FORM.name() + ": " + Types.name(other));
        }
        Composition composition = RULES.read(values, problems);
        return composition == null || !scale.fits(form)
                ? null
                : new LoraGaSettings(
                        form,
                        values.get(DIRECTION),
                        scale,
                        values.get(GAMMA),
                        values.get(LoraOneSettings.REFILL),
                        composition);
    }

    @Override
    public MethodType type() {
        return TYPE;
    }

    @Override
    public Map<String, Object> ownMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(FORM.name(), Types.name(form));
        map.put(DIRECTION.name(), Types.name(direction));
        map.put(SCALE.name(), Types.name(scale));
        map.put(GAMMA.name(), gamma);
        map.put(LoraOneSettings.REFILL.name(), Types.name(refill));
        return map;
    }

    @Override
    public AdapterInitializer initializer() {
        LoraGaInit.Scale ofAuthors = scale.ofAuthors;
        LoraGaPeftInit.Scale ofPeft = scale.ofPeft;
        if (form == Form.AUTHORS && ofAuthors != null) {
            return new LoraGaInit(direction, ofAuthors, gamma, refill);
        }
        if (form == Form.PEFT && ofPeft != null) {
            return new LoraGaPeftInit(direction, ofPeft, gamma, refill);
        }
        throw new IllegalStateException("scale " + scale + " is not defined in the form " + form);
    }
}
