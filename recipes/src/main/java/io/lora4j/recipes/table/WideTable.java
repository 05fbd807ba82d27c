package io.lora4j.recipes.table;

import io.lora4j.recipes.stats.Spread;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Methods as rows, tasks (or whatever was swept) as columns, each with its official figures: the table of papers. Immutable.
 *
 * @param columns the columns of scores
 * @param rows the majority class, head-only, then the methods
 * @param averages whether the last column is GLUE's average: only where all of its tasks are there
 */
public record WideTable(List<Column> columns, List<Row> rows, boolean averages) {
    /** Copies the lists. */
    public WideTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /**
     * A column.
     *
     * @param entry which of the comparison's tables
     * @param heading what it is of, e.g. {@code mrpc} or {@code mrpc, rank 32}
     * @param figure its figure
     */
    public record Column(int entry, String heading, Figure figure) {}

    /**
     * A cell.
     *
     * @param spread over the seeds; null if there is none
     * @param mark the mark it has in its own table
     * @param why why there is no score; empty if there is one, or nothing was run
     */
    public record Cell(@Nullable Spread spread, Mark mark, String why) {}

    /**
     * A method.
     *
     * @param method its label, with the rate where a table has several
     * @param cells one per column
     * @param average GLUE's average; null if the table has none, or this method lacks a task
     */
    public record Row(
            String method, List<Cell> cells, @Nullable Double average) {
        /** Copies the list. */
        public Row {
            cells = List.copyOf(cells);
        }
    }
}
