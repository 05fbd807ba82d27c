package io.lora4j.recipes.table;

import java.util.stream.Collectors;

/**
 * Tables for LaTeX with the package booktabs, nothing else: UTF-8 text, deviations as subscripts, the best cell bold, cells tied with it underlined.
 * Whatever a label holds, TeX's special characters in it are escaped.
 */
public final class TableLatex {
    private TableLatex() {}

    /**
     * A table as a float.
     *
     * @param table the results
     * @return a {@code table} environment that ends with a line break
     */
    public static String latex(ResultTable table) {
        return latex(Grids.of(table));
    }

    static String latex(Grid grid) {
        StringBuilder out = new StringBuilder();
        out.append("\\begin{table}\n\\centering\n\\caption{")
                .append(escaped(grid.caption()))
                .append("}\n\\begin{tabular}{")
                .append(grid.columns().stream()
                        .map(column -> column.left() ? "l" : "r")
                        .collect(Collectors.joining()))
                .append("}\n\\toprule\n")
                .append(grid.columns().stream()
                        .map(column -> escaped(column.heading()))
                        .collect(Collectors.joining(" & ", "", " \\\\\n")))
                .append("\\midrule\n");
        grid.lines()
                .forEach(line -> out.append(
                        line.stream().map(TableLatex::cell).collect(Collectors.joining(" & ", "", " \\\\\n"))));
        out.append("\\bottomrule\n\\end{tabular}\n");
        grid.legend()
                .forEach(line -> out.append(below(TableText.legend(
                        escaped(line.replace(Grid.BEST, "BESTCELL").replace(Grid.TIED, "TIEDCELLS"))
                                .replace("BESTCELL", Grid.BEST)
                                .replace("TIEDCELLS", Grid.TIED),
                        "\\textbf{best}",
                        "\\underline{not significantly worse}"))));
        grid.notes().forEach(note -> out.append(below(escaped(note))));
        return out.append("\\end{table}\n").toString();
    }

    private static String below(String line) {
        return "\n{\\footnotesize " + line + "\\par}\n";
    }

    private static String cell(Grid.Cell cell) {
        String mean = escaped(cell.text());
        String marked =
                switch (cell.mark()) {
                    case BEST -> "\\textbf{" + mean + "}";
                    case TIED -> "\\underline{" + mean + "}";
                    case NONE -> mean;
                };
        return cell.deviation().isEmpty()
                ? marked
                : marked + "\\textsubscript{$\\pm$" + escaped(cell.deviation()) + "}";
    }

    /**
     * A text for LaTeX.
     *
     * @param text any text
     * @return the same with TeX's special characters escaped, and the few signs of tables as commands
     */
    static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> out.append("\\textbackslash{}");
                case '~' -> out.append("\\textasciitilde{}");
                case '^' -> out.append("\\textasciicircum{}");
                case '<' -> out.append("\\textless{}");
                case '>' -> out.append("\\textgreater{}");
                case '&', '%', '$', '#', '_', '{', '}' -> out.append('\\').appendCodePoint(c);
                case '±' -> out.append("$\\pm$");
                case 'Δ' -> out.append("$\\Delta$");
                case '≥' -> out.append("$\\geq$");
                case '\n' -> out.append(' ');
                default -> out.appendCodePoint(c);
            }
        });
        return out.toString();
    }
}
