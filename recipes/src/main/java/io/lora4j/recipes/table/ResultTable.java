package io.lora4j.recipes.table;

import io.lora4j.recipes.stats.Spread;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A comparison's results. Immutable.
 *
 * @param caption what was compared, in one line
 * @param rows the majority class, head-only, then the methods as the recipe lists them
 * @param notes what a reader must know of single rows, one line each
 */
public record ResultTable(String caption, List<Row> rows, List<String> notes) {
    /** Copies the lists. */
    public ResultTable {
        rows = List.copyOf(rows);
        notes = List.copyOf(notes);
    }

    /**
     * A table without notes.
     *
     * @param caption what was compared, in one line
     * @param rows the majority class, head-only, then the methods as the recipe lists them
     */
    public ResultTable(String caption, List<Row> rows) {
        this(caption, rows, List.of());
    }

    /**
     * A method at a learning rate.
     *
     * @param method its label
     * @param learningRate the peak rate; null for a baseline that is not trained
     * @param trainableParameters number of trainable scalars
     * @param accuracy fraction of correct predictions, over seeds
     * @param f1 F1, as {@code ClassificationMetrics} defines it, over seeds
     * @param matthews Matthews correlation, over seeds
     * @param initSeconds mean seconds for gradient estimate and initialisation, or for the frozen encoder's outputs (head-only);
     *     null if nothing was trained
     * @param trainSeconds mean seconds of training, evaluations not included; null if nothing was trained
     * @param peakBytes highest memory of a trial over all seeds, ND4J's off-heap plus heap bytes; null if nothing was trained
     */
    public record Row(
            String method,
            @Nullable Double learningRate,
            long trainableParameters,
            Spread accuracy,
            Spread f1,
            Spread matthews,
            @Nullable Double initSeconds,
            @Nullable Double trainSeconds,
            @Nullable Long peakBytes) {}
}
