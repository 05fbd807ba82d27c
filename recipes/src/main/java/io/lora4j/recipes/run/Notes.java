package io.lora4j.recipes.run;

import io.lora4j.eval.RegressionMetrics;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.init.Refill;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.method.AdapterSettings;
import io.lora4j.recipes.method.Preconditioning;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.table.TableText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What stands below a table: what a reader must know of single rows, and would not see in their figures. */
final class Notes {
    private Notes() {}

    static List<String> of(Recipe recipe, TaskMetrics majority, List<TrialResult> trials, List<FailedTrial> failures) {
        List<String> notes = new ArrayList<>();
        for (FailedTrial failed : failures) {
            notes.add(failed.key() + ": " + Types.name(failed.status()) + ", no result (" + failed.message() + ")");
        }
        for (TrialResult trial : trials) {
            if (trial.chosenStep() != null) {
                notes.add(ofStep(trial, trial.chosenStep(), majority));
            }
        }
        addDamping(notes, recipe, trials);
        for (TrialResult trial : trials) {
            if (trial.setup().deadPairs() > 0) {
                notes.add(ofDeadPairs(recipe, trial));
            }
        }
        return notes;
    }

    /** How a single step came to its size, and what it does to examples that had no part in that. */
    private static String ofStep(TrialResult trial, TrialResult.ChosenStep chosen, TaskMetrics majority) {
        String note = String.format(
                Locale.ROOT,
                "%s: of the grid, step size %s has the smallest loss on the gradient's examples, %.4f after %.4f;"
                        + " loss on the dev set %.4f, that of guessing by %s %.4f",
                trial.key(),
                TableText.shortest(chosen.stepSize()),
                chosen.gradientLoss(),
                trial.finalLoss(),
                trial.dev().loss(),
                majority instanceof RegressionMetrics ? "the mean of all scores" : "the classes' frequencies",
                majority.loss());
        return trial.dev().loss() < majority.loss()
                ? note
                : note
                        + ": from a classifier with random weights one step does not get beyond guessing, and its scores mean"
                        + " nothing (gradient.head_warmup_steps trains the classifier first)";
    }

    /** The damping weighs, it is no safety: each row's, in one line. */
    private static void addDamping(List<String> notes, Recipe recipe, List<TrialResult> trials) {
        String all = recipe.methods().stream()
                .filter(method -> method.settings() instanceof AdapterSettings)
                .filter(method ->
                        trials.stream().anyMatch(trial -> trial.key().method().equals(method.label())))
                .map(method -> damping(
                        method.label(),
                        ((AdapterSettings) method.settings()).composition().preconditioning()))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        if (!all.isEmpty()) {
            notes.add("preconditioner and its damping: " + all);
        }
    }

    private static String damping(String label, Preconditioning preconditioning) {
        return preconditioning.form() == Preconditioning.Form.NONE
                ? ""
                : label + " " + Types.name(preconditioning.form()) + " "
                        + TableText.shortest(preconditioning.damping());
    }

    private static String ofDeadPairs(Recipe recipe, TrialResult trial) {
        Object refill = recipe.methods().stream()
                .filter(method -> method.label().equals(trial.key().method()))
                .findFirst()
                .orElseThrow()
                .settings()
                .toMap()
                .get("refill");
        String what = Types.name(Refill.NONE).equals(refill)
                ? "left as they are (refill: none)"
                : "refilled as plain LoRA starts, which leaves W unchanged";
        return trial.key() + ": " + trial.setup().deadPairs() + " of "
                + trial.setup().factorPairs()
                + " factor pairs had no direction left (singular value below 1e-6 of the largest) and were "
                + what;
    }
}
