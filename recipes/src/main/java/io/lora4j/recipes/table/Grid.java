package io.lora4j.recipes.table;

import java.util.List;

/**
 * A table as cells of text, for those who lay it out.
 *
 * @param caption one line above it
 * @param columns their headings; the first {@code keys} name a row
 * @param keys how many columns name a row: they are repeated where a table is cut
 * @param lines a cell for every column
 * @param legend what marks mean; {@link #BEST} and {@link #TIED} stand for the marks as the layout writes them
 * @param notes lines below
 */
record Grid(
        String caption,
        List<Column> columns,
        int keys,
        List<List<Cell>> lines,
        List<String> legend,
        List<String> notes) {
    /** In a legend, the word that is marked as the best cell is. */
    static final String BEST = "{best}";

    /** In a legend, the words that are marked as tied cells are. */
    static final String TIED = "{tied}";

    /** Copies the lists. */
    Grid {
        columns = List.copyOf(columns);
        lines = lines.stream().map(List::copyOf).toList();
        legend = List.copyOf(legend);
        notes = List.copyOf(notes);
    }

    /**
     * A column.
     *
     * @param heading its heading
     * @param left whether its cells are aligned to the left; numbers are to the right
     */
    record Column(String heading, boolean left) {}

    /**
     * A cell.
     *
     * @param text the text or the mean
     * @param deviation the standard deviation behind it; empty if there is none
     * @param mark what is said of it
     */
    record Cell(String text, String deviation, Mark mark) {
        static Cell of(String text) {
            return new Cell(text, "", Mark.NONE);
        }

        /** Mean and deviation in one text, without the mark. */
        String plain() {
            return deviation.isEmpty() ? text : text + " ± " + deviation;
        }
    }
}
