package io.lora4j.recipes.report;

import io.lora4j.recipes.plot.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Several runs of the same thing as one curve: single ones thin, their mean thick.
 *
 * @param x horizontal coordinates, one array per seed
 * @param y vertical coordinates, as long
 */
record Trend(List<double[]> x, List<double[]> y) {
    /** More points than a plot has pixels only make it larger. */
    private static final int MOST_POINTS = 60;

    Trend {
        x = List.copyOf(x);
        y = List.copyOf(y);
    }

    /** Nothing yet; {@link #with} adds to it. */
    static Trend none() {
        return new Trend(List.of(), List.of());
    }

    /** With a seed more. */
    Trend with(double[] moreX, double[] moreY) {
        List<double[]> allX = new ArrayList<>(x);
        List<double[]> allY = new ArrayList<>(y);
        allX.add(moreX);
        allY.add(moreY);
        return new Trend(allX, allY);
    }

    boolean isEmpty() {
        return x.stream().allMatch(points -> points.length == 0);
    }

    /** How many points are one after {@link #thinned}. */
    static int bucket(int points) {
        return Math.max(1, (points + MOST_POINTS - 1) / MOST_POINTS);
    }

    /** Means over buckets of neighbouring points, equally many per bucket but for the last. */
    static double[] thinned(double[] values, int bucket) {
        int count = (values.length + bucket - 1) / bucket;
        return IntStream.range(0, count)
                .mapToDouble(i -> Arrays.stream(values, i * bucket, Math.min(values.length, (i + 1) * bucket))
                        .average()
                        .orElse(Double.NaN))
                .toArray();
    }

    /**
     * Curves for a plot. The mean goes as far as all seeds do: beyond that it would jump when a seed ends.
     *
     * @param name what the legend calls the mean
     * @param look of all of them
     * @param form of the mean
     */
    List<Series> series(String name, int look, Series.Form form) {
        List<Series> all = new ArrayList<>();
        if (x.size() > 1) {
            for (int i = 0; i < x.size(); i++) {
                all.add(new Series("", x.get(i), y.get(i), look, Series.Form.THIN));
            }
        }
        all.add(new Series(name, mean(x), mean(y), look, form));
        return all;
    }

    private static double[] mean(List<double[]> values) {
        int common = values.stream().mapToInt(one -> one.length).min().orElse(0);
        return IntStream.range(0, common)
                .mapToDouble(i ->
                        values.stream().mapToDouble(one -> one[i]).average().orElse(Double.NaN))
                .toArray();
    }
}
