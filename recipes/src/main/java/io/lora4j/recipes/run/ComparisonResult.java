package io.lora4j.recipes.run;

import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.table.ResultTable;
import java.nio.file.Path;
import java.util.List;

/**
 * What a comparison came to.
 *
 * @param recipe what was run
 * @param folder the run directory
 * @param majority the scores of always predicting the dev set's most frequent class; of a task of scores, the mean of the dev set's
 * @param trials all trials with a result, in the order they were run
 * @param failures all trials without one, in the order they were run
 * @param table one row per method and rate
 */
public record ComparisonResult(
        Recipe recipe,
        Path folder,
        TaskMetrics majority,
        List<TrialResult> trials,
        List<FailedTrial> failures,
        ResultTable table) {
    /** Copies the lists. */
    public ComparisonResult {
        trials = List.copyOf(trials);
        failures = List.copyOf(failures);
    }
}
