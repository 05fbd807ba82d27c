package io.lora4j.recipes;

import io.lora4j.recipes.method.MethodSettings;
import io.lora4j.train.RandomStreams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The values that a search tries for a method beside the common rates.
 *
 * @param learningRates rates in the place of the common ones; empty for the common ones
 * @param points every combination of the other keys' values, in an order in which neighbours share none; one without values if there are none
 */
record MethodGrid(List<Double> learningRates, List<Point> points) {
    private static final String STREAM = "search";

    /** A combination of values. */
    record Point(Map<String, String> values, MethodSettings settings) {}

    MethodGrid {
        learningRates = List.copyOf(learningRates);
        points = List.copyOf(points);
    }

    /** No grid. */
    static MethodGrid none(MethodSettings settings) {
        return new MethodGrid(List.of(), List.of(new Point(Map.of(), settings)));
    }

    /** Whether anything was written. */
    boolean isGiven() {
        return !learningRates.isEmpty() || !points.get(0).values().isEmpty();
    }

    /** The number of all pairs of a rate and a point. */
    long size(List<Double> rates) {
        return (long) rates.size() * points.size();
    }

    /**
     * A balanced choice out of all pairs: each rate, and each point, equally often but for one. Which ones are taken where not all are depends on
     * the seed alone.
     *
     * @param rates the method's rates
     * @param count at most {@link #size}
     * @return that many different candidates, by point, then by rate
     */
    List<Candidate> candidates(List<Double> rates, int count, long seed) {
        long drawn = new RandomStreams(seed).seedOf(STREAM);
        List<Double> shuffled = new ArrayList<>(rates);
        Collections.shuffle(shuffled, new Random(drawn));
        int first = (int) Math.floorMod(drawn, (long) points.size());
        record Numbered(int point, Candidate candidate) {}
        List<Numbered> chosen = new ArrayList<>();
        for (int[] pair : diagonals(rates.size(), points.size()).subList(0, count)) {
            int number = (first + pair[1]) % points.size();
            Point point = points.get(number);
            chosen.add(new Numbered(number, new Candidate(point.values(), point.settings(), shuffled.get(pair[0]))));
        }
        return chosen.stream()
                .sorted(Comparator.comparingInt(Numbered::point)
                        .thenComparingDouble(numbered -> numbered.candidate().learningRate()))
                .map(Numbered::candidate)
                .toList();
    }

    /**
     * All pairs of 0 ... rows-1 and 0 ... columns-1, so that in every beginning of the list each row, and each column, stands equally often
     * but for one: down the diagonals of the table, which closes on itself at both sides. A diagonal comes back to where it began after the
     * least common multiple of rows and columns; the next one then begins a column further on.
     */
    static List<int[]> diagonals(int rows, int columns) {
        int closed = rows / greatestCommonDivisor(rows, columns) * columns;
        List<int[]> pairs = new ArrayList<>();
        for (int k = 0; k < rows * columns; k++) {
            pairs.add(new int[] {k % rows, (k + k / closed) % columns});
        }
        return pairs;
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
}
