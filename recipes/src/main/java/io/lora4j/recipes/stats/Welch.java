package io.lora4j.recipes.stats;

import java.util.Optional;
import org.apache.commons.statistics.distribution.TDistribution;
import org.apache.commons.statistics.inference.DataDispersion;
import org.apache.commons.statistics.inference.TTest;

/**
 * Welch's comparison of two means of unequal variance (Welch, 1947; Biometrika 34), by Apache Commons Statistics.
 *
 * <p>With s_i^2 the sample variance (n - 1) of n_i values: t = (m_1 - m_2) / se, se^2 = s_1^2/n_1 + s_2^2/n_2, and degrees of freedom after
 * Welch and Satterthwaite, df = se^4 / (s_1^4/(n_1^2 (n_1 - 1)) + s_2^4/(n_2^2 (n_2 - 1))). Where neither sample varies, se is 0: the interval is
 * the difference itself, df is n_1 + n_2 - 2 and p is 1 for equal means, else 0.
 *
 * @param difference m_1 - m_2
 * @param standardError se
 * @param degreesOfFreedom df
 * @param interval m_1 - m_2 -+ t(df) se
 * @param confidence probability with which such an interval holds the true difference
 * @param p two-sided probability of a difference as large, were there none
 */
public record Welch(
        double difference,
        double standardError,
        double degreesOfFreedom,
        Interval interval,
        double confidence,
        double p) {
    /** The usual confidence. */
    public static final double CONFIDENCE = 0.95;

    /**
     * Compares with a confidence of {@value #CONFIDENCE}.
     *
     * @param a the first sample
     * @param b the second sample
     * @return the comparison; empty if a sample has one value only, and so no variance
     */
    public static Optional<Welch> of(Spread a, Spread b) {
        return of(a, b, CONFIDENCE);
    }

    /**
     * Compares two means.
     *
     * @param a the first sample
     * @param b the second sample
     * @param confidence of the interval, between 0 and 1
     * @return the comparison; empty if a sample has one value only, and so no variance
     * @throws IllegalArgumentException if the confidence is not between 0 and 1
     */
    public static Optional<Welch> of(Spread a, Spread b, double confidence) {
        if (!(confidence > 0 && confidence < 1)) {
            throw new IllegalArgumentException("a confidence lies between 0 and 1: " + confidence);
        }
        if (a.count() < 2 || b.count() < 2) {
            return Optional.empty();
        }
        double difference = a.mean() - b.mean();
        double varianceA = a.deviation() * a.deviation();
        double varianceB = b.deviation() * b.deviation();
        double error = Math.sqrt(varianceA / a.count() + varianceB / b.count());
        // The library squares variances once more: what underflows there is no variance either.
        if (Math.pow(error, 4) < Double.MIN_NORMAL) {
            double df = a.count() + b.count() - 2.0;
            Interval point = new Interval(difference, difference);
            return Optional.of(new Welch(difference, 0, df, point, confidence, difference == 0 ? 1 : 0));
        }
        TTest.Result test = TTest.withDefaults()
                .with(DataDispersion.HETEROSCEDASTIC)
                .test(a.mean(), varianceA, a.count(), b.mean(), varianceB, b.count());
        double df = test.getDegreesOfFreedom();
        double half = error * TDistribution.of(df).inverseSurvivalProbability((1 - confidence) / 2);
        Interval interval = new Interval(difference - half, difference + half);
        return Optional.of(new Welch(difference, error, df, interval, confidence, test.getPValue()));
    }
}
