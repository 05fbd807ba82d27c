package io.lora4j.datasets;

import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.eval.RegressionMetrics;
import io.lora4j.eval.TaskMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * GLUE's one number: the unweighted mean over its nine tasks of each task's score, which is the unweighted mean of its figures (Wang et al.,
 * 2018, section 3.4: "for tasks with multiple metrics, we use an unweighted average of the metrics as the score for the task"). MNLI's matched and
 * mismatched accuracies are two figures of one task. WNLI counts, the diagnostics (AX) do not.
 */
public final class GlueScore {
    private GlueScore() {}

    /**
     * One figure of a classifier.
     *
     * @param metric accuracy, F1 or Matthews
     * @param metrics what was measured
     * @return a fraction
     * @throws IllegalArgumentException for a figure of scores
     */
    public static double value(Metric metric, ClassificationMetrics metrics) {
        return switch (metric) {
            case ACCURACY -> metrics.accuracy();
            case F1 -> metrics.f1();
            case MATTHEWS -> metrics.matthews();
            case PEARSON, SPEARMAN -> throw new IllegalArgumentException(metric + " of a classifier");
        };
    }

    /**
     * One figure of predicted scores.
     *
     * @param metric Pearson or Spearman
     * @param metrics what was measured
     * @return a correlation
     * @throws IllegalArgumentException for a figure of classes
     */
    public static double value(Metric metric, RegressionMetrics metrics) {
        return switch (metric) {
            case PEARSON -> metrics.pearson();
            case SPEARMAN -> metrics.spearman();
            case ACCURACY, F1, MATTHEWS -> throw new IllegalArgumentException(metric + " of scores");
        };
    }

    /**
     * A task's score of measurements.
     *
     * @param task the task
     * @param dev what was measured on the dev set; on MNLI's matched one
     * @param otherDevs what was measured on others, by the names of {@link TaskData#otherDevs}: MNLI needs {@value GlueReader#MISMATCHED}, the
     *     diagnostics do not count
     * @return the mean of all figures that the task has
     * @throws IllegalArgumentException if the mismatched set is missing, or the measurements are of another kind of task
     */
    public static double of(GlueTask task, TaskMetrics dev, Map<String, TaskMetrics> otherDevs) {
        List<Map<Metric, Double>> files = new ArrayList<>(List.of(figures(task, dev)));
        TaskMetrics mismatched = otherDevs.get(GlueReader.MISMATCHED);
        if (mismatched != null) {
            files.add(figures(task, mismatched));
        }
        return of(task, files);
    }

    private static Map<Metric, Double> figures(GlueTask task, TaskMetrics metrics) {
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        for (Metric metric : task.metrics()) {
            figures.put(
                    metric,
                    metrics instanceof RegressionMetrics scores
                            ? value(metric, scores)
                            : value(metric, (ClassificationMetrics) metrics));
        }
        return figures;
    }

    /**
     * A task's score.
     *
     * @param task the task
     * @param figures the task's figures, one map per file that it is measured on: two for MNLI (matched, mismatched), one for every other
     * @return the mean of all figures that the task has ({@link GlueTask#metrics()}), in their unit; others in the maps are not looked at
     * @throws IllegalArgumentException if a figure or a file is missing
     */
    public static double of(GlueTask task, List<Map<Metric, Double>> figures) {
        if (figures.size() != task.devFiles().size()) {
            throw new IllegalArgumentException(
                    task.taskName() + " is measured on " + task.devFiles().size() + " files, got " + figures.size());
        }
        double sum = 0;
        for (Map<Metric, Double> file : figures) {
            for (Metric metric : task.metrics()) {
                Double value = file.get(metric);
                if (value == null) {
                    throw new IllegalArgumentException(task.taskName() + " lacks " + metric);
                }
                sum += value;
            }
        }
        return sum / (figures.size() * task.metrics().size());
    }

    /**
     * The average over all tasks.
     *
     * @param scores the score of every task, all in one unit
     * @return their mean
     * @throws DataException if a task is missing: an average over other tasks is another number; the message names them
     */
    public static double average(Map<GlueTask, Double> scores) {
        List<String> missing = Arrays.stream(GlueTask.values())
                .filter(task -> !scores.containsKey(task))
                .map(GlueTask::taskName)
                .toList();
        if (!missing.isEmpty()) {
            throw new DataException(
                    "GLUE's average is over all of its tasks; results are missing for: " + String.join(", ", missing));
        }
        return scores.values().stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }
}
