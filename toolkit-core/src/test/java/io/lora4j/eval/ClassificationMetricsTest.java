package io.lora4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ClassificationMetricsTest {
    /** Confusion: tn 5, fp 2, fn 1, tp 4. */
    @Test
    void binaryScoresByHand() {
        ClassificationMetrics metrics = of(2, new int[][] {{5, 2}, {1, 4}});
        assertEquals(12, metrics.examples());
        assertEquals(9 / 12.0, metrics.accuracy(), 1e-15);
        assertEquals(2 * 4 / (2 * 4 + 2 + 1.0), metrics.f1(), 1e-15);
        assertEquals((4 * 5 - 2 * 1) / Math.sqrt(6.0 * 5 * 7 * 6), metrics.matthews(), 1e-15);
    }

    @Test
    void onePredictedClassGivesZeroNotNaN() {
        ClassificationMetrics negatives = of(2, new int[][] {{7, 0}, {3, 0}});
        assertEquals(0.7, negatives.accuracy(), 1e-15);
        assertEquals(0, negatives.f1());
        assertEquals(0, negatives.matthews());
        ClassificationMetrics positives = of(2, new int[][] {{0, 7}, {0, 3}});
        assertEquals(6 / 13.0, positives.f1(), 1e-15);
        assertEquals(0, positives.matthews());
    }

    @Test
    void oneClassOfLabelsAndPredictionsGivesZeroNotNaN() {
        ClassificationMetrics allNegative = of(2, new int[][] {{4, 0}, {0, 0}});
        assertEquals(1, allNegative.accuracy());
        assertEquals(0, allNegative.f1());
        assertEquals(0, allNegative.matthews());
        ClassificationMetrics allPositive = of(2, new int[][] {{0, 0}, {0, 4}});
        assertEquals(1, allPositive.f1());
        assertEquals(0, allPositive.matthews());
    }

    @Test
    void perfectAndInvertedPredictionsAreTheExtremes() {
        assertEquals(1, of(2, new int[][] {{4, 0}, {0, 6}}).matthews(), 1e-15);
        assertEquals(-1, of(2, new int[][] {{0, 4}, {6, 0}}).matthews(), 1e-15);
    }

    /** Counts worked out by hand; class 3 occurs nowhere and is left out of the mean, class 2 is never predicted and counts as 0. */
    @Test
    void multiClassScoresByHand() {
        ClassificationMetrics metrics = of(4, new int[][] {{3, 1, 0, 0}, {1, 4, 0, 0}, {2, 0, 0, 0}, {0, 0, 0, 0}});
        double f0 = 2 * 3 / (4 + 6.0);
        double f1 = 2 * 4 / (5 + 5.0);
        assertEquals(7 / 11.0, metrics.accuracy(), 1e-15);
        assertEquals((f0 + f1 + 0) / 3, metrics.f1(), 1e-15);
        // n c - sum p t = 77 - (6*4 + 5*5), n^2 - sum p^2 = 121 - 61, n^2 - sum t^2 = 121 - 45
        assertEquals(28 / Math.sqrt(60.0 * 76), metrics.matthews(), 1e-15);
    }

    @Test
    void lossIsTheMeanCrossEntropyOverAllBatches() {
        ClassificationEvaluation evaluation = new ClassificationEvaluation(2);
        evaluation.add(
                Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}}),
                Nd4j.createFromArray(new float[][] {{0.75f, 0.25f}, {0.5f, 0.5f}}));
        evaluation.add(Nd4j.createFromArray(new float[][] {{0, 1}}), Nd4j.createFromArray(new float[][] {{1, 0}}));
        ClassificationMetrics metrics = evaluation.metrics();
        assertEquals(3, metrics.examples());
        assertEquals((-Math.log(0.75) + Math.log(2) + 10 * Math.log(10)) / 3, metrics.loss(), 1e-12);
        assertEquals(1 / 3.0, metrics.accuracy(), 1e-15);
        assertEquals(3, evaluation.counts().getNumRowCounter());
    }

    @Test
    void majorityBaselinePredictsTheMostFrequentClass() {
        ClassificationMetrics metrics = ClassificationMetrics.majorityBaseline(new int[] {1, 0, 1, 1}, 2);
        assertEquals(0.75, metrics.accuracy());
        assertEquals(6 / 7.0, metrics.f1(), 1e-15);
        assertEquals(0, metrics.matthews());
        assertEquals(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), metrics.loss(), 1e-15);
        ClassificationMetrics tie = ClassificationMetrics.majorityBaseline(new int[] {2, 0, 2, 0}, 3);
        assertEquals(0.5, tie.accuracy());
        assertEquals((2 * 2 / 6.0 + 0) / 2, tie.f1(), 1e-15);
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ClassificationEvaluation(1));
        assertThrows(IllegalArgumentException.class, () -> new ClassificationEvaluation(2).metrics());
        assertThrows(IllegalArgumentException.class, () -> ClassificationMetrics.majorityBaseline(new int[] {0, 2}, 2));
        assertThrows(IllegalArgumentException.class, () -> ClassificationMetrics.majorityBaseline(new int[0], 2));
        ClassificationEvaluation evaluation = new ClassificationEvaluation(2);
        INDArray labels = Nd4j.createFromArray(new float[][] {{1, 0}});
        assertThrows(
                IllegalArgumentException.class,
                () -> evaluation.add(labels, Nd4j.createFromArray(new float[][] {{Float.NaN, 0.5f}})));
        assertThrows(IllegalArgumentException.class, () -> evaluation.add(labels, Nd4j.create(DataType.FLOAT, 1, 3)));
    }

    /** Feeds one-hot rows so that confusion[actual][predicted] comes out. */
    private static ClassificationMetrics of(int classes, int[][] confusion) {
        ClassificationEvaluation evaluation = new ClassificationEvaluation(classes);
        for (int actual = 0; actual < classes; actual++) {
            for (int predicted = 0; predicted < classes; predicted++) {
                for (int n = 0; n < confusion[actual][predicted]; n++) {
                    INDArray label = Nd4j.zeros(DataType.FLOAT, 1, classes);
                    label.putScalar(0, actual, 1);
                    INDArray probabilities =
                            Nd4j.zeros(DataType.FLOAT, 1, classes).addi(0.1 / classes);
                    probabilities.putScalar(0, predicted, 0.9 + 0.1 / classes);
                    evaluation.add(label, probabilities);
                }
            }
        }
        return evaluation.metrics();
    }
}
