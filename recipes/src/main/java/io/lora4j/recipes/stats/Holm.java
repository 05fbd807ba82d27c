package io.lora4j.recipes.stats;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Holm's step-down correction for several tests at once (Holm, 1979; Scandinavian Journal of Statistics 6). */
public final class Holm {
    private Holm() {}

    /**
     * Adjusted p values: with p sorted upwards, p~_(i) = max over j &lt;= i of min(1, (m - j + 1) p_(j)). Rejecting where p~ &lt; alpha keeps
     * the probability of any wrong rejection among the m tests below alpha, whatever their dependence.
     *
     * @param p one value per test, each in 0..1; may be empty; only read
     * @return as many values in the same order, none smaller than its p
     * @throws IllegalArgumentException if a value is no probability
     */
    public static double[] adjust(double[] p) {
        for (double value : p) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("no probability: " + value);
            }
        }
        List<Integer> order = IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> p[i]))
                .toList();
        double[] adjusted = new double[p.length];
        double most = 0;
        for (int rank = 0; rank < p.length; rank++) {
            int test = order.get(rank);
            most = Math.max(most, Math.min(1, (p.length - rank) * p[test]));
            adjusted[test] = most;
        }
        return adjusted;
    }
}
