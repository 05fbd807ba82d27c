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
        Measure measure = rounds.get(0).measure();
        StringBuilder text = new StringBuilder();
        text.append(row("round", "lora4j " + measure.unit, "best", "other " + measure.unit, "best", "ratio"));
        for (int i = 0; i < rounds.size(); i++) {
            PairedRounds.Round round = rounds.get(i);
            text.append(row(
                    Integer.toString(i + 1),
                    time(measure, round.ours().number(measure.median)),
                    time(measure, round.ours().number(measure.best)),
                    time(measure, round.other().number(measure.median)),
                    time(measure, round.other().number(measure.best)),
                    two(round.ratio())));
        }
        text.append(row(
                "median",
                time(measure, median(rounds, round -> round.ours().number(measure.median))),
                time(measure, least(rounds, round -> round.ours().number(measure.best))),
                time(measure, median(rounds, round -> round.other().number(measure.median))),
                time(measure, least(rounds, round -> round.other().number(measure.best))),
                two(median(rounds, PairedRounds.Round::ratio))));
        return text.append(
                        "ratio: the other's time over lora4j's, above 1 lora4j is faster; last row: medians of the rounds, best of all")
                .append(System.lineSeparator())
                .toString();
    }

    private static String row(String... cells) {
        return String.format(Locale.ROOT, "%-8s %12s %12s %12s %12s %8s%n", (Object[]) cells);
    }

    private static String time(Measure measure, double value) {
        return String.format(Locale.ROOT, "%." + measure.digits + "f", value);
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
