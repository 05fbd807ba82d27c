package io.lora4j.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.eval.RegressionMetrics;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The average against two rows of the public leaderboard, which prints all figures and the average with one decimal. */
@Tag("golden")
class GlueScoreTest {
    private static double one(GlueTask task, double value) {
        return GlueScore.of(task, List.of(Map.of(task.metrics().get(0), value)));
    }

    private static double two(GlueTask task, double first, double second) {
        return GlueScore.of(
                task,
                List.of(Map.of(task.metrics().get(0), first, task.metrics().get(1), second)));
    }

    private static Map<GlueTask, Double> row(double... f) {
        Map<GlueTask, Double> scores = new EnumMap<>(GlueTask.class);
        scores.put(GlueTask.COLA, one(GlueTask.COLA, f[0]));
        scores.put(GlueTask.SST_2, one(GlueTask.SST_2, f[1]));
        scores.put(GlueTask.MRPC, two(GlueTask.MRPC, f[2], f[3]));
        scores.put(GlueTask.STS_B, two(GlueTask.STS_B, f[4], f[5]));
        scores.put(GlueTask.QQP, two(GlueTask.QQP, f[6], f[7]));
        scores.put(
                GlueTask.MNLI,
                GlueScore.of(GlueTask.MNLI, List.of(Map.of(Metric.ACCURACY, f[8]), Map.of(Metric.ACCURACY, f[9]))));
        scores.put(GlueTask.QNLI, one(GlueTask.QNLI, f[10]));
        scores.put(GlueTask.RTE, one(GlueTask.RTE, f[11]));
        scores.put(GlueTask.WNLI, one(GlueTask.WNLI, f[12]));
        return scores;
    }

    /** The leaderboard's "GLUE Human Baselines": score 87.1. */
    @Test
    void humanBaseline() {
        double average =
                GlueScore.average(row(66.4, 97.8, 86.3, 80.8, 92.7, 92.6, 59.5, 80.4, 92.0, 92.8, 91.2, 93.6, 95.9));
        assertEquals(87.1, average, 0.0501);
    }

    /** The leaderboard's "BERT: 24-layers, 16-heads, 1024-hidden": score 80.5. */
    @Test
    void bertLarge() {
        double average =
                GlueScore.average(row(60.5, 94.9, 89.3, 85.4, 87.6, 86.5, 72.1, 89.3, 86.7, 85.9, 92.7, 70.1, 65.1));
        assertEquals(80.5, average, 0.0501);
    }

    @Test
    void nothingMayBeMissing() {
        Map<GlueTask, Double> scores = row(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        scores.remove(GlueTask.WNLI);
        scores.remove(GlueTask.QQP);
        assertEquals(
                "GLUE's average is over all of its tasks; results are missing for: QQP, WNLI",
                assertThrows(DataException.class, () -> GlueScore.average(scores))
                        .getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> GlueScore.of(GlueTask.MNLI, List.of(Map.of(Metric.ACCURACY, 1.0))));
        assertThrows(
                IllegalArgumentException.class, () -> GlueScore.of(GlueTask.MRPC, List.of(Map.of(Metric.F1, 1.0))));
    }

    @Test
    void measurementsMakeATasksScore() {
        ClassificationMetrics classes = new ClassificationMetrics(10, 0.1, 0.2, 0.3, 0.4);
        ClassificationMetrics others = new ClassificationMetrics(9, 0.5, 0.6, 0.7, 0.8);
        assertEquals(0.3, GlueScore.of(GlueTask.COLA, classes, Map.of()), 1e-12);
        assertEquals(0.15, GlueScore.of(GlueTask.MRPC, classes, Map.of()), 1e-12);
        assertEquals(0.3, GlueScore.of(GlueTask.MNLI, classes, Map.of("mismatched", others, "ax", classes)), 1e-12);
        RegressionMetrics scores = new RegressionMetrics(10, 0.5, 0.6, 0.7);
        assertEquals(0.55, GlueScore.of(GlueTask.STS_B, scores, Map.of()), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> GlueScore.of(GlueTask.MNLI, classes, Map.of("ax", classes)));
        assertThrows(IllegalArgumentException.class, () -> GlueScore.of(GlueTask.STS_B, classes, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> GlueScore.of(GlueTask.MRPC, scores, Map.of()));
    }

    @Test
    void figuresComeFromWhatWasMeasured() {
        ClassificationMetrics classes = new ClassificationMetrics(10, 0.1, 0.2, 0.3, 0.4);
        assertEquals(0.1, GlueScore.value(Metric.ACCURACY, classes));
        assertEquals(0.2, GlueScore.value(Metric.F1, classes));
        assertEquals(0.3, GlueScore.value(Metric.MATTHEWS, classes));
        assertThrows(IllegalArgumentException.class, () -> GlueScore.value(Metric.PEARSON, classes));
        RegressionMetrics scores = new RegressionMetrics(10, 0.5, 0.6, 0.7);
        assertEquals(0.5, GlueScore.value(Metric.PEARSON, scores));
        assertEquals(0.6, GlueScore.value(Metric.SPEARMAN, scores));
        assertThrows(IllegalArgumentException.class, () -> GlueScore.value(Metric.F1, scores));
    }
}
