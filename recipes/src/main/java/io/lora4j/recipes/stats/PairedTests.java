package io.lora4j.recipes.stats;

import io.lora4j.error.UserException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Whether two methods, run with the same seeds, differ on a dev set by more than chance. The difference is d = mean over seeds of the first
 * method's score minus the second's; examples and seeds are paired: all runs see the same examples, and runs of a seed share head and order.
 *
 * <p>{@link #bootstrap} answers for other examples and other seeds, and is what tables use; {@link #permutation} for other examples alone, with
 * the trained models as they are.
 *
 * <p>Deterministic: the same arguments and seed give the same result on every machine. Immutable, thread-safe.
 */
public final class PairedTests {
    /** Confidence of the bootstrap's interval. */
    public static final double CONFIDENCE = 0.95;

    /** Resamples that are enough for two digits of a p value near 0.05. */
    public static final int RESAMPLES = 10_000;

    /** Scores are sums in floating point: differences closer than this are the same. */
    private static final double SAME = 1e-12;

    private final double[] labels;
    private final DevMetric metric;
    private final int resamples;
    private final long seed;

    /**
     * @param labels one per dev example, in file order; copied
     * @param metric what is compared
     * @param resamples how many to draw, at least 1
     * @param seed of the draws
     * @throws IllegalArgumentException if there is no label or no resample
     */
    public PairedTests(double[] labels, DevMetric metric, int resamples, long seed) {
        if (labels.length == 0 || resamples < 1) {
            throw new IllegalArgumentException(
                    "needs examples (" + labels.length + ") and resamples (" + resamples + ")");
        }
        this.labels = labels.clone();
        this.metric = metric;
        this.resamples = resamples;
        this.seed = seed;
    }

    /**
     * The method's scores.
     *
     * @param runs predictions for the labels' examples
     * @return one per seed, the smallest seed first, as mean, deviation and number
     */
    public Spread scores(MethodRuns runs) {
        requireExamples(runs);
        return Spread.of(Arrays.stream(runs.values())
                .map(values -> metric.of(labels, values))
                .toList());
    }

    /**
     * Paired bootstrap over examples and seeds (Efron and Tibshirani, 1993, chapters 13 and 16; Berg-Kirkpatrick et al., 2012). Each resample
     * draws n of the n examples with replacement, the same for all runs, and S - 1 of the S seeds with replacement (the one seed if there is
     * one): S - 1 and not S, because the variance of a mean of few values drawn from S would be (S - 1)/S of what it must be (Rao and Wu, 1988,
     * section 2). With d* the difference in a resample, p = (1 + #{|d* - d| &gt;= |d|}) / (1 + R); the interval is that of the percentiles of d*.
     *
     * <p>What is peculiar to one example in one run counts up to three times in the variance of d* (Owen, 2007, section 3): the test errs on the
     * side of "no difference" where runs disagree at random. With one seed it says nothing of other seeds; with a few it is too sure where runs
     * differ more than examples (with five it then rejects equal methods in about 12 % of cases, not 5): read it beside {@link Welch}'s interval.
     *
     * @param a the first method
     * @param b the second method
     * @return the difference a - b, p and the interval of confidence {@value #CONFIDENCE}
     * @throws UserException if the methods were run with different seeds, or on other examples than the labels'
     */
    public PairedResult bootstrap(MethodRuns a, MethodRuns b) {
        requirePaired(a, b);
        DevMetric.Scorer[] first = scorers(labels, a.values());
        DevMetric.Scorer[] second = scorers(labels, b.values());
        int n = labels.length;
        int runs = first.length;
        int drawn = Math.max(1, runs - 1);
        int[] counts = new int[n];
        Arrays.fill(counts, 1);
        int[] seeds = new int[runs];
        Arrays.fill(seeds, 1);
        double difference = difference(first, second, counts, counts, seeds);
        SplittableRandom random = new SplittableRandom(seed);
        double[] differences = new double[resamples];
        long extreme = 0;
        for (int r = 0; r < resamples; r++) {
            draw(random, counts, n);
            draw(random, seeds, drawn);
            double d = difference(first, second, counts, counts, seeds);
            differences[r] = d;
            extreme += Math.abs(d - difference) >= Math.abs(difference) - SAME ? 1 : 0;
        }
        Arrays.sort(differences);
        double tail = (1 - CONFIDENCE) / 2;
        Interval interval = new Interval(quantile(differences, tail), quantile(differences, 1 - tail));
        return new PairedResult(difference, (1.0 + extreme) / (1.0 + resamples), interval, resamples);
    }

    /**
     * Paired randomisation (Noreen, 1989; Yeh, 2000): each example's predictions are exchanged between the methods or not, by a coin, for all
     * seeds alike. With d* the difference after that, p = (1 + #{|d*| &gt;= |d|}) / (1 + R). Where the examples with any difference are so few
     * that there are at most R ways to exchange them, all are enumerated, and p = #{|d*| &gt;= |d|} / ways, exactly.
     *
     * <p>It holds for any metric, but takes the trained models as given: it says nothing of other seeds.
     *
     * @param a the first method
     * @param b the second method
     * @return the difference a - b and p, without an interval
     * @throws UserException if the methods were run with different seeds, or on other examples than the labels'
     */
    public PairedResult permutation(MethodRuns a, MethodRuns b) {
        requirePaired(a, b);
        int n = labels.length;
        double[][] valuesA = a.values();
        double[][] valuesB = b.values();
        // Both methods' examples in one: a mixture of the methods is a resample of it, which every scorer can score.
        double[][] both = new double[valuesA.length][2 * n];
        for (int s = 0; s < both.length; s++) {
            System.arraycopy(valuesA[s], 0, both[s], 0, n);
            System.arraycopy(valuesB[s], 0, both[s], n, n);
        }
        double[] twice = Arrays.copyOf(labels, 2 * n);
        System.arraycopy(labels, 0, twice, n, n);
        DevMetric.Scorer[] scorers = scorers(twice, both);
        int[] seeds = new int[scorers.length];
        Arrays.fill(seeds, 1);
        int[] first = new int[2 * n];
        int[] second = new int[2 * n];
        Arrays.fill(first, 0, n, 1);
        Arrays.fill(second, n, 2 * n, 1);
        double difference = difference(scorers, scorers, first, second, seeds);

        int[] differing = differing(valuesA, valuesB);
        boolean exact = differing.length < 31 && (1L << differing.length) <= resamples;
        long ways = exact ? 1L << differing.length : resamples;
        SplittableRandom random = new SplittableRandom(seed);
        long extreme = 0;
        for (long way = 0; way < ways; way++) {
            long bits = way;
            for (int k = 0; k < differing.length; k++) {
                if (!exact && k % Long.SIZE == 0) {
                    bits = random.nextLong();
                }
                int exchanged = (int) ((bits >>> k) & 1);
                exchange(first, second, differing[k], n, exchanged);
            }
            double d = difference(scorers, scorers, first, second, seeds);
            extreme += Math.abs(d) >= Math.abs(difference) - SAME ? 1 : 0;
        }
        double p = exact ? (double) extreme / ways : (1.0 + extreme) / (1.0 + ways);
        return new PairedResult(difference, p, null, ways);
    }

    private static void exchange(int[] first, int[] second, int example, int n, int exchanged) {
        first[example] = 1 - exchanged;
        first[n + example] = exchanged;
        second[example] = exchanged;
        second[n + example] = 1 - exchanged;
    }

    /** Examples for which the methods differ with some seed: exchanging others changes nothing. */
    private static int[] differing(double[][] a, double[][] b) {
        return IntStream.range(0, a[0].length)
                .filter(i -> {
                    boolean differs = false;
                    for (int s = 0; s < a.length; s++) {
                        differs |= a[s][i] != b[s][i];
                    }
                    return differs;
                })
                .toArray();
    }

    private DevMetric.Scorer[] scorers(double[] of, double[][] predictions) {
        return Arrays.stream(predictions)
                .map(values -> metric.prepare(of, values))
                .toArray(DevMetric.Scorer[]::new);
    }

    /** Mean over the drawn seeds of the difference of scores. */
    private static double difference(
            DevMetric.Scorer[] a, DevMetric.Scorer[] b, int[] countsA, int[] countsB, int[] seeds) {
        double sum = 0;
        int drawn = 0;
        for (int s = 0; s < seeds.length; s++) {
            if (seeds[s] > 0) {
                sum += seeds[s] * (a[s].score(countsA) - b[s].score(countsB));
                drawn += seeds[s];
            }
        }
        return sum / drawn;
    }

    /** How often each of some things is among so many drawn with replacement. */
    private static void draw(SplittableRandom random, int[] counts, int drawn) {
        Arrays.fill(counts, 0);
        for (int i = 0; i < drawn; i++) {
            // A product of 32 bits in place of a remainder: off from uniform by less than 1e-6 for a thousand examples.
            counts[(int) (((random.nextLong() >>> 32) * counts.length) >>> 32)]++;
        }
    }

    /** Linear between order statistics (type 7 of Hyndman and Fan, 1996). */
    private static double quantile(double[] sorted, double probability) {
        double position = probability * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    private void requirePaired(MethodRuns a, MethodRuns b) {
        requireExamples(a);
        requireExamples(b);
        if (!a.seeds().equals(b.seeds())) {
            throw new UserException(a.method() + " was run with the seeds " + a.seeds() + ", " + b.method() + " with "
                    + b.seeds() + ": only runs with the same seeds are compared");
        }
    }

    private void requireExamples(MethodRuns runs) {
        if (runs.examples() != labels.length) {
            throw new UserException(runs.method() + " has predictions for " + runs.examples()
                    + " examples, the dev set has " + labels.length + ": they are of other data");
        }
    }
}
