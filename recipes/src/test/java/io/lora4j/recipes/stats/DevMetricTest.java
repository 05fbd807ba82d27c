package io.lora4j.recipes.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against scikit-learn 1.9 and scipy 1.17, on the examples repeated as the counts say. */
class DevMetricTest {
    private static final int[] COUNTS = {2, 0, 1, 3, 1, 0, 1, 2, 0, 0};
    private static final double[] LABELS = {1, 0, 1, 1, 0, 0, 1, 0, 1, 1};
    private static final double[] CLASSES = {1, 0, 0, 1, 0, 1, 1, 0, 1, 0};
    private static final double[] VALUES = {1.0, 2.5, 2.5, 4.0, 0.2, 3.3, 5.0, 1.0, 2.5, 4.4};
    private static final double[] GUESSES = {0.8, 2.0, 3.0, 3.5, 0.8, 2.0, 4.9, 1.2, 2.0, 3.5};

    private static double resampled(DevMetric metric, double[] labels, double[] predictions) {
        DevMetric.Scorer scorer = metric.prepare(labels, predictions);
        scorer.score(new int[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
        return scorer.score(COUNTS);
    }

    @Test
    @Tag("golden")
    void resamplesEqualScikitLearnAndScipy() {
        assertEquals(0.9, resampled(DevMetric.accuracy(2), LABELS, CLASSES), 1e-12);
        assertEquals(0.9230769230769231, resampled(DevMetric.f1(2), LABELS, CLASSES), 1e-12);
        assertEquals(0.8017837257372732, resampled(DevMetric.matthews(2), LABELS, CLASSES), 1e-12);
        double[] labels = {0, 1, 2, 2, 1, 0, 0, 1, 2, 2};
        double[] classes = {0, 1, 1, 2, 1, 0, 2, 0, 2, 1};
        assertEquals(0.5738095238095239, resampled(DevMetric.f1(3), labels, classes), 1e-12);
        assertEquals(0.40004734568283135, resampled(DevMetric.matthews(3), labels, classes), 1e-12);
        assertEquals(0.9286423040673593, DevMetric.pearson().of(VALUES, GUESSES), 1e-12);
        assertEquals(0.9373086806880014, DevMetric.spearman().of(VALUES, GUESSES), 1e-12);
        assertEquals(0.9772892929993828, resampled(DevMetric.pearson(), VALUES, GUESSES), 1e-12);
        assertEquals(0.951266237483665, resampled(DevMetric.spearman(), VALUES, GUESSES), 1e-12);
    }

    @Test
    void anyOtherMetricSeesTheResample() {
        DevMetric meanOfBoth = DevMetric.of((labels, predictions) ->
                Arrays.stream(labels).sum() * 100 + Arrays.stream(predictions).sum() + 1e6 * labels.length);
        assertEquals(1e7 + 700 + 6, resampled(meanOfBoth, LABELS, CLASSES), 1e-9);
    }

    @Test
    void constantsGiveZeroNotNaN() {
        double[] constant = new double[10];
        Arrays.fill(constant, 0.1);
        double[] zeros = new double[10];
        for (DevMetric metric : new DevMetric[] {DevMetric.pearson(), DevMetric.spearman()}) {
            assertEquals(0, resampled(metric, VALUES, constant));
            assertEquals(0, resampled(metric, constant, GUESSES));
            assertEquals(0, resampled(metric, constant, constant));
        }
        assertEquals(0, resampled(DevMetric.matthews(2), LABELS, zeros));
        assertEquals(0, resampled(DevMetric.f1(2), zeros, zeros));
        assertEquals(1, resampled(DevMetric.accuracy(2), zeros, zeros));
    }

    @Test
    void refusesWhatIsNoClass() {
        assertThrows(IllegalArgumentException.class, () -> DevMetric.accuracy(2).prepare(LABELS, GUESSES));
        assertThrows(IllegalArgumentException.class, () -> DevMetric.f1(2)
                .prepare(new double[] {0, 2}, new double[] {0, 1}));
        assertThrows(IllegalArgumentException.class, () -> DevMetric.matthews(1));
    }
}
