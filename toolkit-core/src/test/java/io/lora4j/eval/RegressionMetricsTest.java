package io.lora4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Correlations against numbers worked out by hand; the working stands beside each. */
class RegressionMetricsTest {
    private static final double EPS = 1e-12;

    @Test
    void withoutTiesSpearmanIsTheFormulaOfSquaredRankDifferences() {
        // targets are 1..5 already; ranks of the predictions are 2 1 4 3 5: differences 1 1 1 1 0,
        // 1 - 6 * 4 / (5 * 24) = 0.8
        RegressionMetrics metrics =
                RegressionMetrics.of(new double[] {1, 2, 3, 4, 5}, new double[] {20, 10, 400, 300, 5000});
        assertEquals(0.8, metrics.spearman(), EPS);
        assertEquals(5, metrics.examples());
    }

    @Test
    void pearsonOfAPermutation() {
        // deviations -2 -1 0 1 2 and -1 -2 1 0 2: products 2 + 2 + 0 + 0 + 4 = 8, squares 10 and 10
        RegressionMetrics metrics = RegressionMetrics.of(new double[] {1, 2, 3, 4, 5}, new double[] {2, 1, 4, 3, 5});
        assertEquals(0.8, metrics.pearson(), EPS);
        // squared errors 1 + 1 + 1 + 1 + 0
        assertEquals(0.8, metrics.loss(), EPS);
    }

    @Test
    void equalValuesShareTheMeanOfTheirRanks() {
        double[] targets = {1, 2, 2, 10};
        double[] predictions = {1, 3, 2, 4};
        RegressionMetrics metrics = RegressionMetrics.of(targets, predictions);
        // ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4; deviations -1.5 0 0 1.5 and -1.5 .5 -.5 1.5:
        // products 4.5, squares 4.5 and 5
        assertEquals(4.5 / Math.sqrt(4.5 * 5), metrics.spearman(), EPS);
        // mean 3.75 and 2.5; deviations -2.75 -1.75 -1.75 6.25 and -1.5 .5 -.5 1.5:
        // products 4.125 - .875 + .875 + 9.375 = 13.5, squares 7.5625 + 2 * 3.0625 + 39.0625 = 52.75 and 5
        assertEquals(13.5 / Math.sqrt(52.75 * 5), metrics.pearson(), EPS);
    }

    @Test
    void tiesOnBothSides() {
        // ranks 1.5 1.5 3.5 3.5 and 1 3 3 3; deviations -1 -1 1 1 and -1.5 .5 .5 .5: products 1.5 - .5 + .5 + .5 = 2,
        // squares 4 and 3
        RegressionMetrics metrics = RegressionMetrics.of(new double[] {0, 0, 5, 5}, new double[] {1, 2, 2, 2});
        assertEquals(2 / Math.sqrt(12), metrics.spearman(), EPS);
    }

    @Test
    void oppositeOrderIsMinusOneAndNoSpreadIsZero() {
        double[] targets = {0, 2.5, 5};
        RegressionMetrics opposite = RegressionMetrics.of(targets, new double[] {5, 2.5, 0});
        assertEquals(-1, opposite.pearson(), EPS);
        assertEquals(-1, opposite.spearman(), EPS);
        RegressionMetrics constant = RegressionMetrics.of(targets, new double[] {2.5, 2.5, 2.5});
        assertEquals(0, constant.pearson());
        assertEquals(0, constant.spearman());
    }

    @Test
    void theMeanOfAllTargetsIsTheBaseline() {
        // mean 2; deviations -2 -1 0 3, squares 4 + 1 + 0 + 9
        RegressionMetrics baseline = RegressionMetrics.meanBaseline(new double[] {0, 1, 2, 5});
        assertEquals(new RegressionMetrics(4, 0, 0, 3.5), baseline);
        // a mean that is not exact must not make a correlation of rounding
        assertEquals(0, RegressionMetrics.meanBaseline(new double[] {0, 0, 1}).pearson());
    }

    @Test
    void figuresAreInTheOrderOfDeclaration() {
        RegressionMetrics scores = new RegressionMetrics(4, 0.25, 0.5, 3.5);
        assertEquals("{pearson=0.25, spearman=0.5}", scores.figures().toString());
        ClassificationMetrics classes = new ClassificationMetrics(4, 0.25, 0.5, 0.75, 3.5);
        assertEquals("{accuracy=0.25, f1=0.5, matthews=0.75}", classes.figures().toString());
    }

    @Test
    void batchesAreOneSet() {
        RegressionEvaluation evaluation = new RegressionEvaluation();
        evaluation.add(column(1, 2), column(1, 3));
        evaluation.add(column(2, 10), column(2, 4));
        assertEquals(RegressionMetrics.of(new double[] {1, 2, 2, 10}, new double[] {1, 3, 2, 4}), evaluation.metrics());
    }

    private static INDArray column(double... values) {
        return Nd4j.createFromArray(values).reshape(values.length, 1).castTo(DataType.FLOAT);
    }

    @Test
    void whatCannotBeScoredIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> RegressionMetrics.of(new double[1], new double[1]));
        assertThrows(IllegalArgumentException.class, () -> RegressionMetrics.of(new double[3], new double[2]));
        double[] nan = {0, Double.NaN};
        assertThrows(IllegalArgumentException.class, () -> RegressionMetrics.of(new double[2], nan));
        assertThrows(IllegalArgumentException.class, () -> new RegressionEvaluation()
                .add(Nd4j.create(2, 2), Nd4j.create(2, 2)));
    }
}
