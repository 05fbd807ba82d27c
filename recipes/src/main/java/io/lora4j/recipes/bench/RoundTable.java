package io.lora4j.recipes.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The rounds of two programs as text. */
public final class RoundTable {
    private RoundTable() {}

    /**
     * One row per round, then medians and bests over the rounds. The ratio is the other's time over ours: above 1 this program is faster.
     *
     * @param rounds at least one
     * @return lines with their ends
     */
    public static String of(List<PairedRounds.Round> rounds) {
        StringBuilder text = new StringBuilder();
        text.append(row("round", "lora4j ms", "best", "other ms", "best", "ratio"));
        for (int i = 0; i < rounds.size(); i++) {
            PairedRounds.Round round = rounds.get(i);
            text.append(row(
                    Integer.toString(i + 1),
                    one(round.ours().number(BenchResult.MEDIAN)),
                    one(round.ours().number(BenchResult.BEST)),
                    one(round.other().number(BenchResult.MEDIAN)),
                    one(round.other().number(BenchResult.BEST)),
                    two(round.ratio())));
        }
        text.append(row(
                "median",
                one(median(rounds, round -> round.ours().number(BenchResult.MEDIAN))),
                one(least(rounds, round -> round.ours().number(BenchResult.BEST))),
                one(median(rounds, round -> round.other().number(BenchResult.MEDIAN))),
                one(least(rounds, round -> round.other().number(BenchResult.BEST))),
                two(median(rounds, PairedRounds.Round::ratio))));
        return text.append(
                        "ratio: the other's time over lora4j's, above 1 lora4j is faster; last row: medians of the rounds, best of all")
                .append(System.lineSeparator())
                .toString();
    }

    private static String row(String... cells) {
        return String.format(Locale.ROOT, "%-8s %12s %12s %12s %12s %8s%n", (Object[]) cells);
    }

    private static String one(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String two(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static double median(List<PairedRounds.Round> rounds, ToDoubleFunction<PairedRounds.Round> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double least(List<PairedRounds.Round> rounds, ToDoubleFunction<PairedRounds.Round> figure) {
        return rounds.stream().mapToDouble(figure).min().orElseThrow();
    }
}
