package io.lora4j.recipes.run;

import io.lora4j.datasets.Example;
import io.lora4j.datasets.TaskData;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.eval.RegressionMetrics;
import io.lora4j.eval.TaskMetrics;

/** What one gets without reading a text: the dev set's most frequent class, or the mean of its scores, for every example. */
final class Baseline {
    private Baseline() {}

    static TaskMetrics of(TaskData data) {
        if (data.scores()) {
            return RegressionMetrics.meanBaseline(data.dev().stream()
                    .mapToDouble(example -> example.target().score())
                    .toArray());
        }
        int[] labels = data.dev().stream().mapToInt(Example::label).toArray();
        return ClassificationMetrics.majorityBaseline(labels, data.labels().size());
    }
}
