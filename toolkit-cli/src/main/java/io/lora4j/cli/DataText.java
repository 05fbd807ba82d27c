package io.lora4j.cli;

import io.lora4j.datasets.DataReport;
import io.lora4j.datasets.DataSummary;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A task's report as text: one block per file. */
final class DataText {
    private static final int BAR = 40;
    private static final int LONGEST_TEXT = 200;

    private DataText() {}

    /**
     * Prints a report.
     *
     * @param report the report
     * @param out where to
     */
    static void print(DataReport report, PrintWriter out) {
        out.println(report.task());
        for (DataReport.Part part : report.parts()) {
            out.println();
            DataSummary summary = part.summary();
            if (summary == null) {
                out.println(part.split() + " (" + part.file() + "): not there");
                continue;
            }
            out.println(part.split() + " (" + part.file() + ")");
            facts(summary).print(out, "  ");
            histogram(summary.words()).print(out, "    ");
            part.examples().forEach(sample -> out.println("  " + line(sample)));
        }
    }

    private static Listing facts(DataSummary summary) {
        Listing facts = new Listing();
        facts.row("rows", String.format(Locale.ROOT, "%,d", summary.rows()));
        if (!summary.labels().isEmpty()) {
            facts.row("labels", balance(summary));
        }
        if (!summary.scores().isEmpty()) {
            List<Double> scores = summary.scores();
            facts.row(
                    "scores",
                    String.format(
                            Locale.ROOT, "least %.3f, quartiles %.3f, %.3f and %.3f, greatest %.3f", scores.toArray()));
        }
        DataSummary.Lengths words = summary.words();
        facts.row(
                "words",
                String.format(
                        Locale.ROOT,
                        "mean %.1f, median %d, longest %d",
                        words.mean(),
                        words.median(),
                        words.longest()));
        return facts;
    }

    private static String balance(DataSummary summary) {
        return summary.labels().entrySet().stream()
                .map(label -> String.format(
                        Locale.ROOT,
                        "%s %,d (%.2f %%)",
                        label.getKey(),
                        label.getValue(),
                        100.0 * label.getValue() / summary.rows()))
                .collect(Collectors.joining(", "));
    }

    private static Listing histogram(DataSummary.Lengths words) {
        int most = words.bins().stream().mapToInt(DataSummary.Bin::count).max().orElse(1);
        Listing bars = new Listing();
        for (DataSummary.Bin bin : words.bins()) {
            // Whatever occurs is seen: a bar of nothing is for nothing.
            int length = (int) Math.ceil((double) BAR * bin.count() / most);
            bars.row(bin.from() + "-" + bin.to(), String.format(Locale.ROOT, "%,d", bin.count()), "#".repeat(length));
        }
        return bars;
    }

    private static String line(DataReport.Sample sample) {
        String answer = sample.answer();
        String second = sample.second();
        return (answer == null ? "" : answer + ": ")
                + shortened(sample.first())
                + (second == null ? "" : " | " + shortened(second));
    }

    private static String shortened(@Nullable String text) {
        if (text == null || text.length() <= LONGEST_TEXT) {
            return String.valueOf(text);
        }
        int end = text.offsetByCodePoints(0, text.codePointCount(0, LONGEST_TEXT));
        return text.substring(0, end) + "...";
    }
}
