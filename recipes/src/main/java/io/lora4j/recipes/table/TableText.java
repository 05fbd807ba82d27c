package io.lora4j.recipes.table;

import io.lora4j.recipes.stats.Spread;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A result table as text for people: scores in percent with two decimals, mean ± standard deviation over seeds; a dash stands for what
 * there is not.
 */
public final class TableText {
    private static final String NOTHING = "-";
    private static final List<String> HEADINGS = List.of(
            "method",
            "learning rate",
            "trainable",
            "accuracy %",
            "F1 %",
            "Matthews %",
            "seeds",
            "init s",
            "train s",
            "peak MiB");

    private TableText() {}

    /**
     * The table for a terminal: columns aligned by display width, the first to the left and numbers to the right.
     *
     * @param table the results
     * @return lines without trailing space, separated by '\n', the last one without
     */
    public static String terminal(ResultTable table) {
        List<List<String>> lines = cells(table);
        int[] widths = IntStream.range(0, HEADINGS.size())
                .map(c -> lines.stream()
                        .mapToInt(line -> width(line.get(c)))
                        .max()
                        .orElse(0))
                .toArray();
        List<String> out = new ArrayList<>();
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int c = 0; c < widths.length; c++) {
                String padding = " ".repeat(widths[c] - width(line.get(c)));
                text.append(c == 0 ? "" : "  ").append(c == 0 ? line.get(c) + padding : padding + line.get(c));
            }
            out.add(text.toString().stripTrailing());
        }
        int total = IntStream.of(widths).sum() + 2 * (widths.length - 1);
        out.add(1, "-".repeat(total));
        String notes = table.notes().isEmpty() ? "" : "\n\n" + String.join("\n", table.notes());
        return table.caption() + "\n\n" + String.join("\n", out) + notes;
    }

    /**
     * The table as Markdown (GitHub's), with the caption above it.
     *
     * @param table the results
     * @return text that ends with a line break
     */
    public static String markdown(ResultTable table) {
        List<List<String>> lines = cells(table);
        List<String> out = new ArrayList<>();
        for (List<String> line : lines) {
            out.add(line.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |")));
        }
        out.add(1, "| --- |" + " ---: |".repeat(HEADINGS.size() - 1));
        String notes = table.notes().stream().map(note -> "\n" + note + "\n").collect(Collectors.joining());
        return table.caption() + "\n\n" + String.join("\n", out) + "\n" + notes;
    }

    private static List<List<String>> cells(ResultTable table) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEADINGS);
        for (ResultTable.Row row : table.rows()) {
            Long peak = row.peakBytes();
            lines.add(List.of(
                    row.method(),
                    rate(row.learningRate()),
                    String.format(Locale.ROOT, "%,d", row.trainableParameters()),
                    percent(row.accuracy()),
                    percent(row.f1()),
                    percent(row.matthews()),
                    String.valueOf(row.accuracy().count()),
                    seconds(row.initSeconds()),
                    seconds(row.trainSeconds()),
                    peak == null ? NOTHING : String.valueOf(Math.round(peak / 1048576.0))));
        }
        return lines;
    }

    /** The mean, with the deviation where there is more than one seed; rounded half up from the decimal form. */
    private static String percent(Spread spread) {
        if (Double.isNaN(spread.mean())) {
            return NOTHING;
        }
        String mean = fixed(100 * spread.mean(), 2);
        return Double.isNaN(spread.deviation()) ? mean : mean + " ± " + fixed(100 * spread.deviation(), 2);
    }

    private static String seconds(@Nullable Double value) {
        return value == null ? NOTHING : fixed(value, 1);
    }

    private static String fixed(double value, int decimals) {
        return BigDecimal.valueOf(value)
                .setScale(decimals, RoundingMode.HALF_UP)
                .toPlainString();
    }

    private static String rate(@Nullable Double value) {
        return value == null ? NOTHING : shortest(value);
    }

    /**
     * A number in its shortest form: {@code 0.05}, {@code 5e-4}.
     *
     * @param value a finite number
     * @return text that reads back as the same number
     */
    public static String shortest(double value) {
        BigDecimal exact = BigDecimal.valueOf(value).stripTrailingZeros();
        if (exact.signum() == 0) {
            return "0";
        }
        int exponent = exact.precision() - exact.scale() - 1;
        if (exponent >= -2 && exponent < 7) {
            return exact.toPlainString();
        }
        String digits = exact.movePointLeft(exponent).stripTrailingZeros().toPlainString();
        return digits + "e" + exponent;
    }

    /** Columns of a terminal that a text takes: none for combining marks, two for East Asian wide characters and emoji. */
    static int width(String text) {
        return text.codePoints()
                .map(c -> switch (Character.getType(c)) {
                    case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
                    default -> isWide(c) ? 2 : 1;
                })
                .sum();
    }

    private static boolean isWide(int c) {
        return (c >= 0x1100 && c <= 0x115f)
                || (c >= 0x2e80 && c <= 0xa4cf)
                || (c >= 0xac00 && c <= 0xd7a3)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0xfe30 && c <= 0xfe6f)
                || (c >= 0xff00 && c <= 0xff60)
                || (c >= 0xffe0 && c <= 0xffe6)
                || (c >= 0x1f300 && c <= 0x1faff)
                || (c >= 0x20000 && c <= 0x3fffd);
    }
}
