package io.lora4j.recipes.table;

import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.table.ResultTable.Cell;
import io.lora4j.recipes.table.ResultTable.Difference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Result tables as maps and lists for JSON: full precision, scores and differences as fractions, null for what there is not (JSON has no NaN). Keys
 * are in snake_case where they are made here; the records in them have Java's names, which the writer turns.
 */
public final class TableJson {
    private TableJson() {}

    /**
     * A whole comparison.
     *
     * @param comparison the comparison
     * @return a new map
     */
    public static Map<String, Object> of(Comparison comparison) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("keys", comparison.keys());
        List<Map<String, @Nullable Object>> tables = new ArrayList<>();
        for (Comparison.Entry entry : comparison.entries()) {
            Map<String, @Nullable Object> table = new LinkedHashMap<>();
            for (int k = 0; k < comparison.keys().size(); k++) {
                table.put(comparison.keys().get(k), entry.values().get(k));
            }
            table.putAll(of(entry.table()));
            tables.add(table);
        }
        map.put("tables", tables);
        map.put("notes", comparison.notes());
        return map;
    }

    /**
     * One table.
     *
     * @param table the results
     * @return a new map
     */
    public static Map<String, @Nullable Object> of(ResultTable table) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("caption", table.caption());
        map.put("figures", table.figures());
        map.put("tests", table.tests());
        map.put("target", table.target());
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (ResultTable.Row row : table.rows()) {
            Map<String, @Nullable Object> each = new LinkedHashMap<>();
            each.put("method", row.method());
            each.put("learning_rate", row.learningRate());
            each.put("trainable_parameters", row.trainableParameters());
            Map<String, Object> cells = new LinkedHashMap<>();
            row.cells().forEach((figure, cell) -> cells.put(figure, of(cell)));
            each.put("scores", cells);
            each.put("seeds", row.finished());
            each.put("diverged", row.diverged());
            each.put("failed", row.failed());
            each.put("cost", row.cost());
            rows.add(each);
        }
        map.put("rows", rows);
        map.put("notes", table.notes());
        return map;
    }

    private static Map<String, @Nullable Object> of(Cell cell) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        Spread spread = cell.spread();
        map.put("mean", spread.mean());
        map.put("sd", Double.isNaN(spread.deviation()) ? null : Double.valueOf(spread.deviation()));
        map.put("n", spread.count());
        map.put("mark", cell.mark() == Mark.NONE ? null : TableCsv.word(cell.mark()));
        Difference difference = cell.difference();
        map.put("difference", difference);
        return map;
    }
}
