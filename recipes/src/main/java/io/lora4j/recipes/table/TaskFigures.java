package io.lora4j.recipes.table;

import io.lora4j.datasets.Metric;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.results.Scores;
import java.util.List;
import java.util.Locale;

/** By which figures a task is ranked. */
final class TaskFigures {
    private TaskFigures() {}

    /**
     * The official figures, the ranking one first: GLUE's where the task is one of GLUE; accuracy, or for scores both correlations, where nobody has
     * said.
     *
     * @param scores whether the task asks for scores and not for classes
     */
    static List<String> of(Recipe.TaskChoice task, boolean scores) {
        if (task instanceof Recipe.TaskChoice.Glue glue) {
            return glue.task().metrics().stream().map(TaskFigures::name).toList();
        }
        return scores ? List.of(Scores.PEARSON, Scores.SPEARMAN) : List.of(Scores.ACCURACY);
    }

    static String name(Metric metric) {
        return metric.name().toLowerCase(Locale.ROOT);
    }
}
