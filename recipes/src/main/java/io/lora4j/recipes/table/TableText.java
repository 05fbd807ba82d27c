package io.lora4j.recipes.table;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Tables as text for people: scores in percent with two decimals, mean ± standard deviation over seeds; a dash stands for what there is not. On a
 * terminal the best cell of a column ends with {@code *} and cells tied with it end with {@code ~}; in Markdown they are bold and italic.
 */
public final class TableText {
    private static final String GAP = "  ";
    private static final String BOLD = "\u001b[1m";
    private static final String PLAIN = "\u001b[0m";

    private TableText() {}

    /**
     * The table for a terminal of any width: columns aligned by display width, the first to the left and numbers to the right.
     *
     * @param table the results
     * @return lines without trailing space, separated by '\n', the last one without
     */
    public static String terminal(ResultTable table) {
        return terminal(table, Integer.MAX_VALUE, false);
    }

    /**
     * The table for a terminal. A table that is too wide is cut into blocks of columns, each with the rows' names; notes are broken between words.
     *
     * @param table the results
     * @param columns the terminal's width in characters; a single column may be wider
     * @param colour whether the best cells may be written in bold, by an escape sequence
     * @return lines without trailing space, separated by '\n', the last one without
     */
    public static String terminal(ResultTable table, int columns, boolean colour) {
        return terminal(Grids.of(table), columns, colour);
    }

    static String terminal(Grid grid, int columns, boolean colour) {
        int[] widths = widths(grid);
        List<String> blocks = new ArrayList<>();
        blocks.add(String.join("\n", wrapped(grid.caption(), columns, "")));
        int from = grid.keys();
        while (from < widths.length || blocks.size() == 1) {
            List<Integer> block = new ArrayList<>();
            int width = -GAP.length();
            for (int c = 0; c < grid.keys(); c++) {
                block.add(c);
                width += GAP.length() + widths[c];
            }
            int next = from;
            while (next < widths.length && (next == from || width + GAP.length() + widths[next] <= columns)) {
                width += GAP.length() + widths[next];
                block.add(next++);
            }
            blocks.add(block(grid, widths, block, width, colour));
            from = next;
        }
        List<String> below = new ArrayList<>();
        for (String line : grid.legend()) {
            below.addAll(wrapped(legend(line, "* best", "~ not significantly worse"), columns, "  "));
        }
        grid.notes().forEach(note -> below.addAll(wrapped(note, columns, "  ")));
        if (!below.isEmpty()) {
            blocks.add(String.join("\n", below));
        }
        return String.join("\n\n", blocks);
    }

    private static String block(Grid grid, int[] widths, List<Integer> columns, int width, boolean colour) {
        List<String> lines = new ArrayList<>();
        lines.add(columns.stream()
                .map(c -> padded(
                        grid.columns().get(c).heading(),
                        grid.columns().get(c).heading(),
                        widths[c],
                        grid.columns().get(c).left()))
                .collect(Collectors.joining(GAP)));
        lines.add("-".repeat(width));
        for (List<Grid.Cell> line : grid.lines()) {
            lines.add(columns.stream()
                    .map(c -> {
                        Grid.Cell cell = line.get(c);
                        String text = marked(grid, c, cell);
                        boolean bold = colour && cell.mark() == Mark.BEST;
                        return padded(
                                text,
                                bold ? BOLD + text + PLAIN : text,
                                widths[c],
                                grid.columns().get(c).left());
                    })
                    .collect(Collectors.joining(GAP)));
        }
        return lines.stream().map(String::stripTrailing).collect(Collectors.joining("\n"));
    }

    private static String padded(String text, String shown, int width, boolean left) {
        String padding = " ".repeat(width - width(text));
        return left ? shown + padding : padding + shown;
    }

    /** A marked column has a place for the mark in every row, so that numbers stay below each other. */
    private static String marked(Grid grid, int column, Grid.Cell cell) {
        boolean marks = grid.lines().stream().anyMatch(line -> line.get(column).mark() != Mark.NONE);
        return cell.plain()
                + switch (cell.mark()) {
                    case BEST -> "*";
                    case TIED -> "~";
                    case NONE -> marks ? " " : "";
                };
    }

    private static int[] widths(Grid grid) {
        int[] widths = new int[grid.columns().size()];
        for (int c = 0; c < widths.length; c++) {
            int column = c;
            widths[c] = Math.max(
                    width(grid.columns().get(c).heading()),
                    grid.lines().stream()
                            .mapToInt(line -> width(marked(grid, column, line.get(column))))
                            .max()
                            .orElse(0));
        }
        return widths;
    }

    private static List<String> wrapped(String text, int columns, String indent) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() > indent.length() && width(line.toString()) + 1 + width(word) > columns) {
                lines.add(line.toString());
                line = new StringBuilder(indent);
            } else if (line.length() > 0) {
                line.append(' ');
            }
            line.append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    /**
     * The table as Markdown (GitHub's), with the caption above it.
     *
     * @param table the results
     * @return text that ends with a line break
     */
    public static String markdown(ResultTable table) {
        return markdown(Grids.of(table));
    }

    static String markdown(Grid grid) {
        List<String> out = new ArrayList<>();
        out.add(grid.columns().stream()
                .map(column -> escaped(column.heading()))
                .collect(Collectors.joining(" | ", "| ", " |")));
        out.add(grid.columns().stream()
                .map(column -> column.left() ? "---" : "---:")
                .collect(Collectors.joining(" | ", "| ", " |")));
        for (List<Grid.Cell> line : grid.lines()) {
            out.add(line.stream()
                    .map(cell -> switch (cell.mark()) {
                        case BEST -> "**" + escaped(cell.plain()) + "**";
                        case TIED -> "*" + escaped(cell.plain()) + "*";
                        case NONE -> escaped(cell.plain());
                    })
                    .collect(Collectors.joining(" | ", "| ", " |")));
        }
        String below = grid.legend().stream()
                        .map(line -> "\n" + legend(line, "**best**", "*not significantly worse*") + "\n")
                        .collect(Collectors.joining())
                + grid.notes().stream().map(note -> "\n" + note + "\n").collect(Collectors.joining());
        return grid.caption() + "\n\n" + String.join("\n", out) + "\n" + below;
    }

    private static String escaped(String cell) {
        return cell.replace("|", "\\|");
    }

    static String legend(String line, String best, String tied) {
        return line.replace(Grid.BEST, best).replace(Grid.TIED, tied);
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
