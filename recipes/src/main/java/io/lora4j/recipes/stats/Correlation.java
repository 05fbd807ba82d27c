package io.lora4j.recipes.stats;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Correlation of examples that count several times or not at all. */
final class Correlation {
    private Correlation() {}

    /** Pearson's correlation; 0 if an argument has one value only. */
    static double pearson(double[] x, double[] y, int[] counts) {
        double n = 0;
        double sumX = 0;
        double sumY = 0;
        double[] rangeX = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        double[] rangeY = rangeX.clone();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                n += counts[i];
                sumX += counts[i] * x[i];
                sumY += counts[i] * y[i];
                widen(rangeX, x[i]);
                widen(rangeY, y[i]);
            }
        }
        // Not by the variance: that of equal values is not always 0 in floating point.
        if (rangeX[0] == rangeX[1] || rangeY[0] == rangeY[1]) {
            return 0;
        }
        double meanX = sumX / n;
        double meanY = sumY / n;
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int i = 0; i < counts.length; i++) {
            double dx = x[i] - meanX;
            double dy = y[i] - meanY;
            xx += counts[i] * dx * dx;
            yy += counts[i] * dy * dy;
            xy += counts[i] * dx * dy;
        }
        double norm = Math.sqrt(xx) * Math.sqrt(yy);
        return norm == 0 ? 0 : Math.max(-1, Math.min(1, xy / norm));
    }

    private static void widen(double[] range, double value) {
        range[0] = Math.min(range[0], value);
        range[1] = Math.max(range[1], value);
    }

    /** Average ranks within resamples, in time proportional to the number of examples. */
    static final class Ranks {
        private final int[] sorted;
        private final double[] values;
        private final double[] ranks;

        Ranks(double[] values) {
            this.values = values.clone();
            this.sorted = IntStream.range(0, values.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> values[i]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            this.ranks = new double[values.length];
        }

        /** The ranks, counted from 1; the same array every time. Those of examples that do not count mean nothing. */
        double[] of(int[] counts) {
            long below = 0;
            int begin = 0;
            while (begin < sorted.length) {
                int end = begin;
                long equal = 0;
                double value = values[sorted[begin]];
                while (end < sorted.length && values[sorted[end]] == value) {
                    equal += counts[sorted[end++]];
                }
                double rank = below + (equal + 1) / 2.0;
                for (int i = begin; i < end; i++) {
                    ranks[sorted[i]] = rank;
                }
                below += equal;
                begin = end;
            }
            return ranks;
        }
    }
}
