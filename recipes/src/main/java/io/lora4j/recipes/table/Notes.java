package io.lora4j.recipes.table;

import io.lora4j.init.Refill;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.method.AdapterSettings;
import io.lora4j.recipes.method.Preconditioning;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.results.Scores;
import io.lora4j.recipes.results.TrialRecord;
import io.lora4j.recipes.results.TrialRecord.ChosenStep;
import io.lora4j.recipes.results.TrialRecord.Outcome;
import io.lora4j.recipes.schema.Types;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What stands below a table: what a reader must know of single rows, and would not see in their figures. */
final class Notes {
    private Notes() {}

    static List<String> of(List<RunResults> runs) {
        Set<String> notes = new LinkedHashSet<>();
        for (RunResults run : runs) {
            notes.addAll(of(run));
        }
        return List.copyOf(notes);
    }

    private static List<String> of(RunResults run) {
        List<String> notes = new ArrayList<>();
        for (TrialRecord trial : run.trials()) {
            if (trial.outcome() == null) {
                String message = trial.message();
                notes.add(RowTrials.name(trial) + ": " + Types.name(trial.status()) + ", no result"
                        + (message == null ? "" : " (" + message + ")"));
            }
        }
        for (TrialRecord trial : run.trials()) {
            Outcome outcome = trial.outcome();
            ChosenStep chosen = outcome == null ? null : outcome.chosenStep();
            if (outcome != null && chosen != null) {
                notes.add(ofStep(run, trial, outcome, chosen));
            }
        }
        addDamping(notes, run);
        for (TrialRecord trial : run.trials()) {
            Outcome outcome = trial.outcome();
            if (outcome != null && outcome.deadPairs() > 0) {
                notes.add(ofDeadPairs(trial, outcome));
            }
        }
        if (run.trials().size() < run.planned()) {
            notes.add(run.trials().size() + " of " + run.planned() + " trials are finished");
        }
        return notes;
    }

    /** How a single step came to its size, and what it does to examples that had no part in that. */
    private static String ofStep(RunResults run, TrialRecord trial, Outcome outcome, ChosenStep chosen) {
        double guessing = run.majorityLoss();
        String note = String.format(
                Locale.ROOT,
                "%s: of the grid, step size %s has the smallest loss on the gradient's examples, %.4f after %.4f;"
                        + " loss on the dev set %.4f, that of guessing by %s %.4f",
                RowTrials.name(trial),
                TableText.shortest(chosen.stepSize()),
                chosen.gradientLoss(),
                outcome.finalLoss(),
                outcome.loss(),
                run.majority().containsKey(Scores.PEARSON) ? "the mean of all scores" : "the classes' frequencies",
                guessing);
        return outcome.loss() < guessing
                ? note
                : note
                        + ": from a classifier with random weights one step does not get beyond guessing, and its scores mean"
                        + " nothing (gradient.head_warmup_steps trains the classifier first)";
    }

    /** The damping weighs, it is no safety: each row's, in one line. */
    private static void addDamping(List<String> notes, RunResults run) {
        String all = run.recipe().methods().stream()
                .filter(method -> run.trials().stream()
                        .anyMatch(trial -> trial.label().equals(method.label()) && trial.outcome() != null))
                .map(Notes::damping)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        if (!all.isEmpty()) {
            notes.add("preconditioner and its damping: " + all);
        }
    }

    private static String damping(Recipe.MethodChoice method) {
        if (!(method.settings() instanceof AdapterSettings adapter)) {
            return "";
        }
        Preconditioning preconditioning = adapter.composition().preconditioning();
        return preconditioning.form() == Preconditioning.Form.NONE
                ? ""
                : method.label() + " " + Types.name(preconditioning.form()) + " "
                        + TableText.shortest(preconditioning.damping());
    }

    private static String ofDeadPairs(TrialRecord trial, Outcome outcome) {
        String what = Types.name(Refill.NONE).equals(trial.settings().get("refill"))
                ? "left as they are (refill: none)"
                : "refilled as plain LoRA starts, which leaves W unchanged";
        return RowTrials.name(trial) + ": " + outcome.deadPairs() + " of " + outcome.factorPairs()
                + " factor pairs had no direction left (singular value below 1e-6 of the largest) and were " + what;
    }
}
