package io.lora4j.recipes.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.datasets.GlueTask;
import io.lora4j.datasets.Metric;
import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.table.ResultTable.Cell;
import io.lora4j.recipes.table.ResultTable.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** All of GLUE: every figure of lora is 0.5, but MRPC's F1 0.9 and accuracy 0.8, and MNLI's accuracies 0.6 and 0.7. */
class WideTablesTest {
    private static double value(GlueTask task, Metric metric, boolean mismatched) {
        return switch (task) {
            case MRPC -> metric == Metric.F1 ? 0.9 : 0.8;
            case MNLI -> mismatched ? 0.7 : 0.6;
            default -> 0.5;
        };
    }

    private static Cell cell(double value) {
        return new Cell(Spread.of(List.of(value)), Mark.NONE, null);
    }

    private static Comparison.Entry entry(GlueTask task, boolean mismatched) {
        List<Figure> figures = new ArrayList<>();
        Map<String, Cell> cells = new LinkedHashMap<>();
        for (Metric metric : task.metrics()) {
            String name = TaskFigures.name(metric);
            figures.add(new Figure(name, true));
            cells.put(name, cell(value(task, metric, false)));
            if (task == GlueTask.MNLI && mismatched) {
                figures.add(new Figure(name + "_mismatched", true));
                cells.put(name + "_mismatched", cell(value(task, metric, true)));
            }
        }
        List<Row> rows = List.of(
                new Row("lora", 5e-4, 10L, cells, 1, 0, 0, null), new Row("dora", 1e-3, null, Map.of(), 0, 1, 0, null));
        return new Comparison.Entry(
                List.of(task.taskName()), new ResultTable(task.taskName(), figures, rows, null, null, List.of()));
    }

    private static WideTable wide(List<GlueTask> tasks, boolean mismatched) {
        List<Comparison.Entry> entries =
                tasks.stream().map(task -> entry(task, mismatched)).toList();
        return WideTables.of(entries, tasks.stream().map(GlueTask::taskName).toList(), new ArrayList<>(tasks));
    }

    @Test
    void theAverageIsThatOfGlueAndOnlyOfAllTasks() {
        List<GlueTask> all = List.of(GlueTask.values());
        WideTable table = wide(all, true);
        assertTrue(table.averages());
        // seven tasks of 0.5, MRPC's mean 0.85, MNLI's 0.65
        assertEquals((7 * 0.5 + 0.85 + 0.65) / 9, table.rows().get(0).average(), 1e-12);
        assertNull(table.rows().get(1).average(), "dora diverged");
        assertEquals(13, table.columns().size(), "nine tasks, four of them with two figures");
        assertNull(wide(all, false).rows().get(0).average(), "without MNLI's mismatched accuracy");
        assertFalse(wide(all.subList(0, 8), true).averages());
    }

    @Test
    void cellsAreThoseOfTheSingleTables() {
        Grid grid = WideTables.grid(wide(List.of(GlueTask.MNLI, GlueTask.COLA), true), "both", List.of(), List.of());
        assertEquals(
                List.of("method", "MNLI accuracy %", "MNLI accuracy (mm) %", "CoLA Matthews %"),
                grid.columns().stream().map(Grid.Column::heading).toList());
        assertEquals(
                List.of("lora", "60.00", "70.00", "50.00"),
                grid.lines().get(0).stream().map(Grid.Cell::plain).toList());
        assertEquals(
                List.of("dora", "diverged", "diverged", "diverged"),
                grid.lines().get(1).stream().map(Grid.Cell::plain).toList());
    }
}
