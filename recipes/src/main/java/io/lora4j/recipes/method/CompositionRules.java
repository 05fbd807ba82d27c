package io.lora4j.recipes.method;

import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.recipes.method.Composition.Optimizer;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a method can be combined with: which parts it has by default, and which ones make no sense with it and why. Immutable; every
 * method starts from {@link #of}.
 */
final class CompositionRules {
    /** B's rate over A's. */
    static final Key<Double> RATIO = Key.optional(
            "ratio",
            Types.above(0),
            "LoRA+: learning rate of B, and of vectors, as a multiple of that of A; 1 is one rate");

    /** s for this method. */
    static final Key<Scaling> SCALING = Key.optional(
            "scaling",
            Types.oneOf("scaling", Types.names(Scaling.values())),
            "standard: alpha / r; rslora: alpha / sqrt(r); adapter.scaling if not given");

    /** The weight form. */
    static final Key<WeightForm> WEIGHT_FORM = Key.optional(
            "weight_form",
            Types.oneOf("weight_form", Types.names(WeightForm.values())),
            "plain: W + s A B; dora: its columns normalised and given a trained magnitude");

    /** The optimiser. */
    static final Key<Optimizer> OPTIMIZER = Key.optional(
            "optimizer",
            Types.oneOf("optimizer", Types.names(Optimizer.values())),
            "adamw, or sgd: plain gradient descent, with a preconditioner scaled gradient descent");

    /** Keys that every adapter method has. */
    static final List<Key<?>> KEYS =
            List.of(Preconditioning.FORM, Preconditioning.DAMPING, RATIO, SCALING, WEIGHT_FORM, OPTIMIZER);

    private final Composition defaults;
    private final List<Refusal<?>> refusals;

    private CompositionRules(Composition defaults, List<Refusal<?>> refusals) {
        this.defaults = defaults;
        this.refusals = List.copyOf(refusals);
    }

    /** A value of a key that makes no sense with a method. */
    private record Refusal<T>(Key<T> key, Predicate<T> what, String reason) {
        /** Tells the problem if the value is given. */
        void check(Values values, Problems problems) {
            T value = values.find(key);
            if (value != null && what.test(value)) {
                problems.add(values.origin(key), values.path(key) + ": " + reason);
            }
        }
    }

    /** Everything goes; what is not given is as in {@code defaults}. */
    static CompositionRules of(Composition defaults) {
        return new CompositionRules(defaults, List.of());
    }

    /** These rules, and one more: a value of a key is refused for a reason that says what to do instead. */
    <T> CompositionRules refuse(Key<T> key, Predicate<T> what, String reason) {
        List<Refusal<?>> more = new ArrayList<>(refusals);
        more.add(new Refusal<>(key, what, reason));
        return new CompositionRules(defaults, more);
    }

    /** The same refusals over another default preconditioner: for methods whose versions differ in it. */
    CompositionRules preconditionedBy(Preconditioning.Form form) {
        return new CompositionRules(defaults.with(Preconditioning.of(form)), refusals);
    }

    /** A method's own keys, then the common ones. */
    static List<Key<?>> keys(Key<?>... own) {
        List<Key<?>> keys = new ArrayList<>(List.of(own));
        keys.addAll(KEYS);
        return keys;
    }

    /** Settings that are nothing but these parts. */
    MethodType.FromKeys reading(Function<Composition, ? extends MethodSettings> settings) {
        return (values, problems) -> {
            Composition composition = read(values, problems);
            return composition == null ? null : settings.apply(composition);
        };
    }

    /** Reads the parts; null if they make no sense together, which {@code problems} then tells. */
    @Nullable
    Composition read(Values values, Problems problems) {
        int before = problems.count();
        refusals.forEach(refusal -> refusal.check(values, problems));
        if (problems.count() > before) {
            return null; // what else is wrong may follow from it
        }
        Preconditioning preconditioning =
                Preconditioning.read(values, defaults.preconditioning().form(), problems);
        Optimizer optimizer = or(values.find(OPTIMIZER), defaults.optimizer());
        if (preconditioning != null
                && preconditioning.form() == Preconditioning.Form.AUTHORS
                && optimizer == Optimizer.SGD) {
            problems.add(
                    values.origin(OPTIMIZER),
                    values.path(OPTIMIZER)
                            + ": the authors' form of the preconditioner steps by an AdamW of its own, so sgd would not"
                            + " be used; for scaled gradient descent take preconditioner: peft, else remove it");
        }
        return preconditioning == null || problems.count() > before
                ? null
                : new Composition(
                        preconditioning,
                        or(values.find(RATIO), defaults.ratio()),
                        values.isGiven(SCALING) ? values.find(SCALING) : defaults.scaling(),
                        or(values.find(WEIGHT_FORM), defaults.weightForm()),
                        optimizer);
    }

    private static <T> T or(@Nullable T given, T fallback) {
        return given == null ? fallback : given;
    }
}
