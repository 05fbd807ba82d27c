package io.lora4j.recipes.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleBiFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against full enumeration, closed forms and scipy. */
class PairedTestsTest {
    private static MethodRuns runs(String method, double[]... bySeed) {
        Map<Long, double[]> map = new TreeMap<>();
        for (int s = 0; s < bySeed.length; s++) {
            map.put(s + 1L, bySeed[s]);
        }
        return new MethodRuns(method, map);
    }

    private static double accuracy(double[] labels, double[] predictions) {
        double correct = 0;
        for (int i = 0; i < labels.length; i++) {
            correct += labels[i] == predictions[i] ? 1 : 0;
        }
        return correct / labels.length;
    }

    /**
     * Eight examples on which exactly one method is right, six times the first: an exchange turns one sign, so p is the two-sided sign test's (or
     * McNemar's exact one), P(|X - 4| >= 2) for X of Bin(8, 1/2) = 2 (1 + 8 + 28) / 256.
     */
    @Test
    void allSignFlipsOfEightExamples() {
        double[] labels = {1, 1, 1, 1, 1, 1, 1, 1, 0, 1};
        MethodRuns a = runs("a", new double[] {1, 1, 1, 1, 1, 1, 0, 0, 0, 0});
        MethodRuns b = runs("b", new double[] {0, 0, 0, 0, 0, 0, 1, 1, 0, 0});
        PairedResult exact = new PairedTests(labels, DevMetric.accuracy(2), 256, 1).permutation(a, b);
        assertEquals(74.0 / 256, exact.p());
        assertEquals(0.4, exact.difference(), 1e-15);
        assertEquals(256, exact.resamples(), "two examples on which both agree are not exchanged");
        assertNull(exact.interval());
        PairedResult drawn = new PairedTests(labels, DevMetric.accuracy(2), 255, 1).permutation(a, b);
        assertEquals(255, drawn.resamples());
        assertEquals(74.0 / 256, drawn.p(), 4 * Math.sqrt(0.289 * 0.711 / 255));
        assertEquals(0, drawn.p() * 256 % 1, 1e-9, "one is added above and below");
    }

    /** 44 of 256 exchanges, counted in numpy with scikit-learn's matthews_corrcoef: two seeds, the same exchange for both. */
    @Test
    @Tag("golden")
    void exchangesAreTheSameForAllSeeds() {
        double[] labels = {1, 0, 1, 1, 0, 0, 1, 0};
        MethodRuns a = runs("a", new double[] {1, 0, 1, 1, 0, 1, 1, 0}, new double[] {1, 0, 1, 0, 0, 0, 1, 0});
        MethodRuns b = runs("b", new double[] {1, 1, 0, 1, 0, 0, 0, 0}, new double[] {0, 0, 1, 1, 1, 0, 0, 1});
        PairedResult result = new PairedTests(labels, DevMetric.matthews(2), 10_000, 1).permutation(a, b);
        assertEquals(0.6454972243679029, result.difference(), 1e-12);
        assertEquals(44.0 / 256, result.p(), 1e-12);
    }

    /** scipy's permutation_test(permutation_type="samples", n_resamples=inf): statistic and p. */
    @Test
    @Tag("golden")
    void aDifferenceOfCorrelationsEqualsScipy() {
        double[] labels = {1.0, 2.5, 2.5, 4.0, 0.2, 3.3, 5.0};
        MethodRuns a = runs("a", new double[] {0.8, 2.0, 3.0, 3.5, 0.8, 2.0, 4.9});
        MethodRuns b = runs("b", new double[] {2.0, 1.0, 3.0, 1.5, 2.2, 0.4, 3.0});
        PairedResult result = new PairedTests(labels, DevMetric.pearson(), 10_000, 1).permutation(a, b);
        assertEquals(0.9065014676852664, result.difference(), 1e-12);
        assertEquals(0.03125, result.p(), 1e-12);
    }

    /** All n^n draws of examples times all S^(S-1) draws of seeds, written out. */
    @Test
    void theBootstrapConvergesToTheEnumeration() {
        double[] labels = {1, 0, 1, 1};
        double[][] a = {{1, 0, 1, 1}, {1, 0, 0, 1}, {1, 1, 1, 1}};
        double[][] b = {{0, 0, 1, 1}, {1, 1, 0, 1}, {0, 0, 1, 0}};
        ToDoubleBiFunction<double[], double[]> score = PairedTestsTest::accuracy;
        double d = 0;
        for (int s = 0; s < 3; s++) {
            d += (score.applyAsDouble(labels, a[s]) - score.applyAsDouble(labels, b[s])) / 3;
        }
        double extreme = 0;
        double squares = 0;
        int all = 256 * 9;
        for (int outcome = 0; outcome < all; outcome++) {
            int[] examples = {outcome & 3, (outcome >> 2) & 3, (outcome >> 4) & 3, (outcome >> 6) & 3};
            int[] seeds = {(outcome >> 8) / 3, (outcome >> 8) % 3};
            double drawn = 0;
            for (int s : seeds) {
                for (int i : examples) {
                    drawn += ((a[s][i] == labels[i] ? 1 : 0) - (b[s][i] == labels[i] ? 1 : 0)) / 8.0;
                }
            }
            extreme += Math.abs(drawn - d) >= Math.abs(d) - 1e-12 ? 1 : 0;
            squares += (drawn - d) * (drawn - d) / all;
        }
        double p = extreme / all;
        assertTrue(p > 0.1 && p < 0.9 && squares > 0, "worth testing: " + p);
        for (DevMetric metric : new DevMetric[] {DevMetric.accuracy(2), DevMetric.of(score)}) {
            PairedResult result = new PairedTests(labels, metric, 60_000, 7).bootstrap(runs("a", a), runs("b", b));
            assertEquals(d, result.difference(), 1e-12);
            assertEquals(p, result.p(), 4 * Math.sqrt(p * (1 - p) / 60_000));
        }
    }

    /**
     * The closed form of one seed: among n = 400 examples the first method alone is right on 60, the second alone on 40, so d is a mean of
     * independent values of variance 0.25 - 0.05^2, and the interval nearly d -+ 1.96 sqrt(variance / n).
     */
    @Test
    void theIntervalOfOneSeedIsTheNormalOne() {
        double[] labels = new double[400];
        double[] a = new double[400];
        double[] b = new double[400];
        for (int i = 0; i < 100; i++) {
            (i < 60 ? b : a)[i] = 1;
        }
        PairedResult result =
                new PairedTests(labels, DevMetric.accuracy(2), 20_000, 3).bootstrap(runs("a", a), runs("b", b));
        Interval interval = Objects.requireNonNull(result.interval());
        double half = 1.959964 * Math.sqrt((0.25 - 0.0025) / 400);
        assertEquals(0.05, result.difference(), 1e-12);
        assertEquals(0.05 - half, interval.low(), 0.003);
        assertEquals(0.05 + half, interval.high(), 0.003);
        // d* has steps of 1/400: 2 (1 - Phi((0.05 - 0.5 / 400) / 0.02487)); the standard error of 20,000 draws is
        // 0.0015.
        assertEquals(0.0500, result.p(), 0.006);
    }

    @Test
    void aSeedGivesTheSameAndAnotherAnother() {
        double[] labels = new double[50];
        Random random = new Random(1);
        double[][] values = random(random, 4, 50);
        MethodRuns a = runs("a", values[0], values[1]);
        MethodRuns b = runs("b", values[2], values[3]);
        PairedTests tests = new PairedTests(labels, DevMetric.accuracy(2), 999, 5);
        assertEquals(tests.bootstrap(a, b), tests.bootstrap(a, b));
        assertEquals(tests.permutation(a, b), tests.permutation(a, b));
        assertNotEquals(tests.bootstrap(a, b), new PairedTests(labels, DevMetric.accuracy(2), 999, 6).bootstrap(a, b));
        PairedResult turned = tests.bootstrap(b, a);
        assertEquals(tests.bootstrap(a, b).p(), turned.p(), "two-sided");
        assertEquals(-tests.bootstrap(a, b).difference(), turned.difference());
    }

    private static double[][] random(Random random, int rows, int n) {
        double[][] values = new double[rows][n];
        for (double[] row : values) {
            for (int i = 0; i < n; i++) {
                row[i] = random.nextInt(2);
            }
        }
        return values;
    }

    @Test
    void degenerateCasesGiveNoNaN() {
        double[] one = {1};
        double[] other = {0};
        double[] constant = {1, 1, 1};
        for (DevMetric metric : new DevMetric[] {
            DevMetric.accuracy(2), DevMetric.f1(2), DevMetric.matthews(2), DevMetric.pearson(), DevMetric.spearman()
        }) {
            for (MethodRuns[] pair : new MethodRuns[][] {
                {runs("a", one), runs("b", one)},
                {runs("a", one), runs("b", other)},
                {runs("a", one, other), runs("b", other, other)},
                {runs("a", constant), runs("b", constant)},
                {runs("a", constant), runs("b", new double[] {0, 0, 0})},
                {runs("a", constant, new double[] {0, 1, 0}), runs("b", constant, constant)}
            }) {
                double[] labels = pair[0].examples() == 1 ? one : constant;
                PairedTests tests = new PairedTests(labels, metric, 99, 1);
                for (PairedResult result :
                        new PairedResult[] {tests.bootstrap(pair[0], pair[1]), tests.permutation(pair[0], pair[1])}) {
                    assertTrue(result.p() > 0 && result.p() <= 1, result.toString());
                    assertTrue(Double.isFinite(result.difference()), result.toString());
                }
                assertNotNull(tests.bootstrap(pair[0], pair[1]).interval());
            }
        }
        PairedTests tests = new PairedTests(constant, DevMetric.accuracy(2), 99, 1);
        PairedResult same = tests.bootstrap(runs("a", constant), runs("b", constant));
        assertEquals(1, same.p());
        assertEquals(new Interval(0, 0), same.interval());
        assertEquals(
                1, tests.permutation(runs("a", constant), runs("b", constant)).p());
    }

    @Test
    void refusesRunsThatDoNotBelongTogether() {
        double[] two = {0, 1};
        PairedTests tests = new PairedTests(two, DevMetric.accuracy(2), 99, 1);
        MethodRuns ofTwoSeeds = runs("lora", two, two);
        UserException seeds = assertThrows(UserException.class, () -> tests.bootstrap(ofTwoSeeds, runs("full", two)));
        assertEquals(
                "lora was run with the seeds [1, 2], full with [1]: only runs with the same seeds are compared",
                seeds.getMessage());
        assertEquals(
                1,
                tests.bootstrap(ofTwoSeeds.only(Set.of(1L)), runs("full", two)).p());
        UserException examples =
                assertThrows(UserException.class, () -> tests.permutation(runs("lora", new double[3]), ofTwoSeeds));
        assertTrue(examples.getMessage().contains("3 examples"), examples.getMessage());
        assertThrows(IllegalArgumentException.class, () -> runs("none"));
        assertThrows(IllegalArgumentException.class, () -> runs("nan", new double[] {Double.NaN}));
        assertThrows(IllegalArgumentException.class, () -> runs("odd", new double[2], new double[3]));
        assertThrows(IllegalArgumentException.class, () -> ofTwoSeeds.only(Set.of(9L)));
    }

    /** How methods of the same worth make their mistakes. */
    private enum World {
        /** Every example is right or wrong for a method with all seeds. */
        EXAMPLES,
        /** Examples are alike; runs have luck. */
        SEEDS,
        /** Every prediction is a coin of its own. */
        COINS
    }

    /** The part of worlds with equal methods in which the bootstrap finds a difference at the level 0.05. */
    private static double rejected(World world, double better) {
        int worlds = 300;
        int n = 80;
        Random random = new Random(17);
        int rejections = 0;
        double[] labels = new double[n];
        for (int w = 0; w < worlds; w++) {
            MethodRuns[] methods = new MethodRuns[2];
            for (int m = 0; m < 2; m++) {
                double[][] values = new double[5][n];
                for (int s = 0; s < 5; s++) {
                    double wrong = 0.3 - m * better + (world == World.SEEDS ? 0.1 * random.nextGaussian() : 0);
                    for (int i = 0; i < n; i++) {
                        double at = world == World.SEEDS ? (i + 0.5) / n : random.nextDouble();
                        values[s][i] = world == World.EXAMPLES && s > 0 ? values[0][i] : (at < wrong ? 1 : 0);
                    }
                }
                methods[m] = runs("m" + m, values);
            }
            PairedTests tests = new PairedTests(labels, DevMetric.accuracy(2), 199, w);
            rejections += tests.bootstrap(methods[0], methods[1]).p() < 0.05 ? 1 : 0;
        }
        return rejections / (double) worlds;
    }

    /** 300 worlds: the standard error of a rate of 0.05 is 0.013. */
    @Test
    void equalMethodsAreRarelyFoundDifferent() {
        double examples = rejected(World.EXAMPLES, 0);
        assertTrue(examples > 0.015 && examples < 0.09, "examples: " + examples);
        double coins = rejected(World.COINS, 0);
        assertTrue(coins < 0.03, "cautious: " + coins);
        // A z test on five values: P(|t(4)| > 1.96) = 0.12.
        double seeds = rejected(World.SEEDS, 0);
        assertTrue(seeds > 0.04 && seeds < 0.17, "seeds: " + seeds);
        assertTrue(rejected(World.EXAMPLES, 0.25) > 0.9, "power");
    }

    /** SST-2's dev set with three seeds: a table's tests must not be felt. */
    @Test
    void tenThousandResamplesAreQuick() {
        Random random = new Random(2);
        double[] labels = random(random, 1, 872)[0];
        MethodRuns a = runs("a", random(random, 3, 872));
        MethodRuns b = runs("b", random(random, 3, 872));
        long begin = System.nanoTime();
        new PairedTests(labels, DevMetric.matthews(2), PairedTests.RESAMPLES, 1).bootstrap(a, b);
        double bootstrap = (System.nanoTime() - begin) * 1e-9;
        begin = System.nanoTime();
        new PairedTests(labels, DevMetric.matthews(2), PairedTests.RESAMPLES, 1).permutation(a, b);
        double permutation = (System.nanoTime() - begin) * 1e-9;
        assertTrue(bootstrap < 5 && permutation < 5, bootstrap + " s, " + permutation + " s");
    }
}
