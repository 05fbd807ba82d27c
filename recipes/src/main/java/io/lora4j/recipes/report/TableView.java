package io.lora4j.recipes.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table as the page shows it.
 *
 * @param caption what was compared, in one line
 * @param columns the columns; the first one names the rows
 * @param rows as many cells as there are columns
 * @param notes what a reader must know, a line each
 */
record TableView(String caption, List<Column> columns, List<List<Cell>> rows, List<String> notes) {
    TableView {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        notes = List.copyOf(notes);
        for (List<Cell> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(row.size() + " cells in " + columns.size() + " columns");
            }
        }
    }

    /**
     * A column.
     *
     * @param title its heading, with the unit
     * @param numeric whether it is sorted by value
     * @param largestFirst whether the first press puts the largest on top
     */
    record Column(String title, boolean numeric, boolean largestFirst) {}

    /** What is said of a cell. */
    enum Mark {
        /** Nothing. */
        NONE(""),
        /** The best mean of its column. */
        BEST(" ★"),
        /** Not shown to be worse than the best. */
        TIED(" ≈");

        private final String sign;

        Mark(String sign) {
            this.sign = sign;
        }

        /** What stands behind the number, so that colour is not all. */
        String sign() {
            return sign;
        }
    }

    /**
     * A cell.
     *
     * @param text what it shows
     * @param value what it is sorted by; null for a cell without a value, and in columns of text
     * @param mark what is said of it
     */
    record Cell(String text, @Nullable Double value, Mark mark) {
        static Cell text(String text) {
            return new Cell(text, null, Mark.NONE);
        }

        static Cell number(String text, double value) {
            return new Cell(text, value, Mark.NONE);
        }

        static Cell empty() {
            return new Cell("–", null, Mark.NONE);
        }
    }
}
