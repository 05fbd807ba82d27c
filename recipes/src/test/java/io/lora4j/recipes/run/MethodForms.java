package io.lora4j.recipes.run;

import static io.lora4j.recipes.run.MethodForms.Trait.ADAPTERS;
import static io.lora4j.recipes.run.MethodForms.Trait.DORA;
import static io.lora4j.recipes.run.MethodForms.Trait.FIXED_A;
import static io.lora4j.recipes.run.MethodForms.Trait.MOVES_AT_THE_START;
import static io.lora4j.recipes.run.MethodForms.Trait.SHIFTS_W;

import java.util.List;
import java.util.Set;

/**
 * Every method in its forms, and what each promises. The tests over all methods take them from here; a method of {@code Methods.ALL} that
 * has no entry fails {@link MethodContractTest}.
 */
final class MethodForms {
    /** What sets a form apart from plain LoRA. */
    enum Trait {
        /** Trains adapters. */
        ADAPTERS,
        /** The start changes the output: it is a step already. */
        MOVES_AT_THE_START,
        /** The frozen weight is shifted at the start, so the exported adapter has twice the rank. */
        SHIFTS_W,
        /** Normalised columns with a trained magnitude. */
        DORA,
        /** A is drawn and stays. */
        FIXED_A
    }

    /**
     * One form.
     *
     * @param label what tables call it
     * @param settings its block in a recipe, without braces and label
     * @param traits what sets it apart
     */
    record Form(String label, String settings, Set<Trait> traits) {
        boolean is(Trait trait) {
            return traits.contains(trait);
        }

        @Override
        public String toString() {
            return label;
        }
    }

    static final List<Form> ALL = List.of(
            form("head-only", "name: head-only"),
            form("zero-step", "name: zero-step"),
            form("one-step-all", "name: one-step, scope: all"),
            form("one-step-targets", "name: one-step, scope: targets"),
            form("one-step-rank", "name: one-step, scope: rank"),
            form("full", "name: full, learning_rate: 1e-3"),
            form("lora", "name: lora", ADAPTERS),
            form("lora-gaussian", "name: lora, init: gaussian", ADAPTERS),
            form("lora-orthogonal", "name: lora, init: orthogonal", ADAPTERS),
            form("rslora", "name: rslora", ADAPTERS),
            form("lora-plus", "name: lora-plus, ratio: 4", ADAPTERS),
            form("p-lora", "name: p-lora", ADAPTERS),
            form("p-lora-authors", "name: p-lora, preconditioner: authors, damping: 1e-2", ADAPTERS),
            form("scaled-gd", "name: p-lora, optimizer: sgd", ADAPTERS),
            form("dora", "name: dora", ADAPTERS, DORA),
            form("lora-ga", "name: lora-ga, gamma: 64", ADAPTERS, SHIFTS_W),
            form("lora-ga-random", "name: lora-ga, gamma: 64, direction: random", ADAPTERS, SHIFTS_W),
            form("lora-ga-precond", "name: lora-ga, gamma: 64, preconditioner: peft", ADAPTERS, SHIFTS_W),
            form("lora-ga-peft", "name: lora-ga, form: peft", ADAPTERS, SHIFTS_W),
            form("lora-one", "name: lora-one", ADAPTERS, MOVES_AT_THE_START),
            form("lora-one-precond", "name: lora-one, preconditioner: peft", ADAPTERS, MOVES_AT_THE_START),
            form("lora-one-talk", "name: lora-one, variant: talk, gamma: 64, damping: 1e-2", ADAPTERS, SHIFTS_W),
            form(
                    "lora-one-talk-plain",
                    "name: lora-one, variant: talk, gamma: 64, preconditioner: none",
                    ADAPTERS,
                    SHIFTS_W),
            form("lora-one-spectral", "name: lora-one, variant: spectral", ADAPTERS, MOVES_AT_THE_START),
            form(
                    "lora-one-spectral-precond",
                    "name: lora-one, variant: spectral, preconditioner: peft",
                    ADAPTERS,
                    MOVES_AT_THE_START),
            form(
                    "lora-one-combined",
                    "name: lora-one, preconditioner: peft, ratio: 4, weight_form: dora, scaling: rslora",
                    ADAPTERS,
                    MOVES_AT_THE_START,
                    DORA),
            form("pissa", "name: pissa", ADAPTERS, SHIFTS_W),
            form("pissa-dora", "name: pissa, weight_form: dora", ADAPTERS, SHIFTS_W, DORA),
            form("olora", "name: olora", ADAPTERS, SHIFTS_W),
            form("eva", "name: eva", ADAPTERS),
            form("lora-fa", "name: lora-fa", ADAPTERS, FIXED_A),
            form("lora-fa-dora", "name: lora-fa, weight_form: dora", ADAPTERS, FIXED_A, DORA),
            form("lora-pro", "name: lora-pro", ADAPTERS));

    private MethodForms() {}

    private static Form form(String label, String settings, Trait... traits) {
        return new Form(label, settings, Set.of(traits));
    }

    /** Forms with adapters. */
    static List<Form> adapted() {
        return ALL.stream().filter(form -> form.is(ADAPTERS)).toList();
    }

    /** The list {@code methods} of a recipe that runs all of them. */
    static String recipe() {
        StringBuilder text = new StringBuilder("methods:\n");
        ALL.forEach(form -> text.append("  - {label: ")
                .append(form.label())
                .append(", ")
                .append(form.settings())
                .append("}\n"));
        return text.toString();
    }
}
