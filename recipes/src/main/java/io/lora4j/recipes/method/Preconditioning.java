package io.lora4j.recipes.method;

import io.lora4j.optim.AdamW;
import io.lora4j.optim.AuthorsScaledAdamW;
import io.lora4j.optim.RiemannianPreconditioner;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import io.lora4j.train.UpdateRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stands between the factors' gradients and AdamW: with A [in, r] and B [r, out] (Zhang and Pilanci 2024, arXiv 2402.02347)
 *
 * <pre>  dA := dA (B B^T + damping I)^-1,   dB := (A^T A + damping I)^-1 dB</pre>
 *
 * @param form nothing, PEFT's form ({@link RiemannianPreconditioner}) or the authors' ({@link AuthorsScaledAdamW})
 * @param damping added to the diagonals, greater than 0, in units of squared weights; 0 without preconditioner
 */
public record Preconditioning(Form form, double damping) {
    /** Whose form. */
    public enum Form {
        /** No preconditioner. */
        NONE,
        /** huggingface/peft {@code optimizers/riemannian.py}: both from the old factors, in front of AdamW. */
        PEFT,
        /** The authors' {@code AdamWr}: B's from the new A, no bias correction, decay after the step. */
        AUTHORS;

        double defaultDamping() {
            return switch (this) {
                case NONE -> 0;
                case PEFT -> RiemannianPreconditioner.DEFAULT_DAMPING;
                case AUTHORS -> AuthorsScaledAdamW.DEFAULT_DAMPING;
            };
        }
    }

    /** No preconditioner. */
    public static final Preconditioning NONE = new Preconditioning(Form.NONE, 0);

    /** The preconditioner of a method that has one by choice. */
    static final Key<Form> FORM = Key.optional(
            "preconditioner",
            Types.oneOf("preconditioner", Types.names(Form.values())),
            "scales the factors' gradients by each other's inverse Gram matrices, in PEFT's or the authors' form");

    /** The damping; what it is by default depends on the form. */
    static final Key<Double> DAMPING = Key.optional(
            "damping",
            Types.above(0),
            "added to the preconditioner's Gram matrices; 0.01 (peft) or 1e-6 (authors) if not given");

    /** LoRA-One's copy of the authors' class differs in this. */
    private static final double EPSILON_OF_LORA_ONE = 1e-8;

    /** A form with its own default damping. */
    static Preconditioning of(Form form) {
        return new Preconditioning(form, form.defaultDamping());
    }

    /** Reads form and damping; null if a damping is given for no preconditioner. */
    static @Nullable Preconditioning read(Values values, Form fallback, Problems problems) {
        Form written = values.find(FORM);
        Form form = written == null ? fallback : written;
        Double damping = values.find(DAMPING);
        if (damping == null) {
            return of(form);
        }
        if (form == Form.NONE) {
            problems.add(
                    values.origin(DAMPING),
                    values.path(DAMPING) + " belongs to a preconditioner, and there is none: remove it, or add "
                            + FORM.name() + ": " + Types.name(Form.PEFT));
            return null;
        }
        return new Preconditioning(form, damping);
    }

    void putInto(Map<String, Object> map) {
        map.put(FORM.name(), Types.name(form));
        if (form != Form.NONE) {
            map.put(DAMPING.name(), damping);
        }
    }

    /** A new rule, good for one training run. */
    UpdateRule rule() {
        return rule(AuthorsScaledAdamW.DEFAULT_EPSILON);
    }

    /** As {@link #rule()}, the authors' form with the epsilon of LoRA-One's code. */
    UpdateRule ruleOfLoraOne() {
        return rule(EPSILON_OF_LORA_ONE);
    }

    private UpdateRule rule(double epsilonOfAuthors) {
        return switch (form) {
            case NONE -> UpdateRule.DL4J;
            case PEFT -> new RiemannianPreconditioner(damping);
            case AUTHORS ->
                new AuthorsScaledAdamW(
                        damping, AdamW.DEFAULT_BETA1, AdamW.DEFAULT_BETA2, epsilonOfAuthors, UpdateRule.DL4J);
        };
    }
}
