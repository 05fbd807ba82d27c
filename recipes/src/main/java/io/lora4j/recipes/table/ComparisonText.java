package io.lora4j.recipes.table;

import io.lora4j.recipes.table.ResultTable.Tests;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A whole comparison as text: the wide table if there is one, then every table with its costs. */
public final class ComparisonText {
    private ComparisonText() {}

    /**
     * For a terminal.
     *
     * @param comparison the comparison
     * @param columns the terminal's width in characters
     * @param colour whether the best cells may be written in bold
     * @return lines separated by '\n', the last one without
     */
    public static String terminal(Comparison comparison, int columns, boolean colour) {
        return grids(comparison).stream()
                .map(grid -> TableText.terminal(grid, columns, colour))
                .collect(Collectors.joining("\n\n\n"));
    }

    /**
     * As Markdown.
     *
     * @param comparison the comparison
     * @return text that ends with a line break
     */
    public static String markdown(Comparison comparison) {
        return grids(comparison).stream().map(TableText::markdown).collect(Collectors.joining("\n"));
    }

    /**
     * As LaTeX.
     *
     * @param comparison the comparison
     * @return one {@code table} environment per table; needs the package booktabs
     */
    public static String latex(Comparison comparison) {
        return grids(comparison).stream().map(TableLatex::latex).collect(Collectors.joining("\n"));
    }

    /**
     * As one CSV table, with the swept keys as first columns.
     *
     * @param comparison the comparison
     * @return the text
     */
    public static String csv(Comparison comparison) {
        return TableCsv.csv(comparison.keys(), comparison.entries());
    }

    private static List<Grid> grids(Comparison comparison) {
        List<Grid> grids = new ArrayList<>();
        WideTable wide = comparison.wide();
        if (wide != null) {
            grids.add(WideTables.grid(wide, caption(comparison), legend(comparison), comparison.notes()));
        }
        for (Comparison.Entry entry : comparison.entries()) {
            Grid grid = Grids.of(entry.table());
            List<String> notes = new ArrayList<>(grid.notes());
            if (wide == null) {
                notes.addAll(comparison.notes());
            }
            grids.add(new Grid(grid.caption(), grid.columns(), grid.keys(), grid.lines(), grid.legend(), notes));
        }
        return grids;
    }

    private static String caption(Comparison comparison) {
        return "mean ± standard deviation over seeds, in percent, by " + String.join(" and ", comparison.keys())
                + "; each column with its own data and budget, which stand above its own table below";
    }

    private static List<String> legend(Comparison comparison) {
        return comparison.entries().stream()
                .flatMap(entry -> Stream.ofNullable(entry.table().tests()))
                .findFirst()
                .map(ComparisonText::legend)
                .orElse(List.of());
    }

    private static List<String> legend(Tests tests) {
        return List.of(Grids.tested(tests));
    }
}
