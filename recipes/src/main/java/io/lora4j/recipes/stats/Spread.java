package io.lora4j.recipes.stats;

import java.util.List;

/**
 * Mean and spread of a figure over seeds.
 *
 * @param mean the arithmetic mean
 * @param deviation the sample standard deviation (divided by n - 1); NaN for a single value
 * @param count n, at least 1
 */
public record Spread(double mean, double deviation, int count) {
    /**
     * The spread of some values.
     *
     * @param values at least one
     * @return their mean, deviation and number
     * @throws IllegalArgumentException if there is no value
     */
    public static Spread of(List<Double> values) {
        int n = values.size();
        if (n == 0) {
            throw new IllegalArgumentException("no value");
        }
        double mean = values.stream().mapToDouble(Double::doubleValue).sum() / n;
        double squares =
                values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
        return new Spread(mean, n == 1 ? Double.NaN : Math.sqrt(squares / (n - 1)), n);
    }
}
