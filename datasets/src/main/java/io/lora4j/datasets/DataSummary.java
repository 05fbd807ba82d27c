package io.lora4j.datasets;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is in a file of texts.
 *
 * @param rows how many rows
 * @param labels for each class, by the name that results print, how many rows it has; empty for scores and for test files
 * @param scores least score, quartiles and greatest score, five numbers; empty for classes and for test files
 * @param words lengths in words: what stands between white space, both texts of a pair together
 */
public record DataSummary(int rows, Map<String, Integer> labels, List<Double> scores, Lengths words) {
    private static final int[] EDGES = {5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500};
    private static final int QUARTERS = 4;

    /**
     * Lengths of some texts.
     *
     * @param mean the mean
     * @param median the smallest length that at least half of the texts do not exceed
     * @param longest the greatest
     * @param bins a histogram without gaps, from the shortest to the longest
     */
    public record Lengths(double mean, int median, int longest, List<Bin> bins) {}

    /**
     * One bar of a histogram.
     *
     * @param from the least length in it
     * @param to the greatest length in it
     * @param count how many texts
     */
    public record Bin(int from, int to, int count) {}

    /**
     * Summarises labelled rows.
     *
     * @param spec the task
     * @param examples one or more rows
     * @return the summary
     */
    public static DataSummary of(TaskSpec spec, List<Example> examples) {
        Map<String, Integer> labels = new LinkedHashMap<>();
        spec.labelNames().forEach(name -> labels.put(name, 0));
        List<Double> scores = List.of();
        if (spec.targets() instanceof Targets.Scores) {
            double[] sorted = examples.stream()
                    .mapToDouble(example -> example.target().score())
                    .sorted()
                    .toArray();
            scores = quartiles(sorted);
        } else {
            examples.forEach(example -> labels.merge(spec.labelNames().get(example.label()), 1, Integer::sum));
        }
        return new DataSummary(
                examples.size(), labels, scores, lengths(examples, Example::textA, example -> example.textB()));
    }

    /**
     * Summarises rows without labels.
     *
     * @param rows one or more rows
     * @return the summary
     */
    public static DataSummary ofTest(List<TestRow> rows) {
        return new DataSummary(rows.size(), Map.of(), List.of(), lengths(rows, TestRow::textA, row -> row.textB()));
    }

    /** Each is a score that occurs: the smallest that at least the given quarter of all does not exceed. */
    private static List<Double> quartiles(double[] sorted) {
        List<Double> quartiles = new ArrayList<>();
        for (int quarter = 0; quarter <= QUARTERS; quarter++) {
            quartiles.add(sorted[rank(sorted.length, quarter, QUARTERS)]);
        }
        return quartiles;
    }

    private static int rank(int count, long part, int parts) {
        return (int) Math.max(0, (part * count + parts - 1) / parts - 1);
    }

    private static <T> Lengths lengths(List<T> rows, Function<T, String> first, Function<T, @Nullable String> second) {
        int[] sorted = rows.stream()
                .mapToInt(row -> words(first.apply(row)) + words(second.apply(row)))
                .sorted()
                .toArray();
        int longest = sorted[sorted.length - 1];
        double mean = Arrays.stream(sorted).average().orElseThrow();
        return new Lengths(mean, sorted[rank(sorted.length, 1, 2)], longest, bins(sorted, longest));
    }

    private static int words(@Nullable String text) {
        return text == null || text.isBlank() ? 0 : text.strip().split("\\s+").length;
    }

    private static List<Bin> bins(int[] sorted, int longest) {
        List<Bin> bins = new ArrayList<>();
        int from = Math.min(1, sorted[0]);
        int counted = 0;
        for (int edge = 0; counted < sorted.length; edge++) {
            int to = edge < EDGES.length ? EDGES[edge] : longest;
            int count = 0;
            while (counted < sorted.length && sorted[counted] <= to) {
                counted++;
                count++;
            }
            if (count > 0 || !bins.isEmpty()) {
                bins.add(new Bin(from, to, count));
            }
            from = to + 1;
        }
        return bins;
    }
}
