package io.lora4j.recipes.table;

import io.lora4j.recipes.stats.Interval;
import io.lora4j.recipes.stats.Spread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The results of methods on one task with one budget. Immutable.
 *
 * @param caption what was compared, in one line
 * @param figures the columns of scores, official ones first; the first is the primary one
 * @param rows the majority class, head-only, then the methods as the recipe lists them
 * @param tests how differences were tested; null if they were not (the notes say why)
 * @param target the score to which seconds are counted; null if there is none
 * @param notes what a reader must know of single rows, one line each
 */
public record ResultTable(
        String caption,
        List<Figure> figures,
        List<Row> rows,
        @Nullable Tests tests,
        @Nullable Target target,
        List<String> notes) {
    /** Copies the lists. */
    public ResultTable {
        figures = List.copyOf(figures);
        rows = List.copyOf(rows);
        notes = List.copyOf(notes);
    }

    /**
     * The figure by which the task is ranked.
     *
     * @return the first column
     */
    public Figure primary() {
        return figures.get(0);
    }

    /**
     * The same table with a note more.
     *
     * @param note one line, the last of the notes
     * @return a new table
     */
    public ResultTable withNote(String note) {
        List<String> more = new ArrayList<>(notes);
        more.add(note);
        return new ResultTable(caption, figures, rows, tests, target, more);
    }

    /**
     * How differences were tested: the paired bootstrap over dev examples and seeds, corrected by Holm over a column.
     *
     * @param alpha the level below which a difference counts as more than chance
     * @param resamples how many were drawn for each comparison
     * @param reference the row that others are compared with, as notes name it; null if there is none
     * @param seeds the most seeds that any comparison was over
     */
    public record Tests(
            double alpha, int resamples, @Nullable String reference, int seeds) {}

    /**
     * A score to be reached.
     *
     * @param figure by which figure
     * @param score as a fraction
     * @param given whether the user named it
     */
    public record Target(Figure figure, double score, boolean given) {}

    /**
     * A difference to the reference row.
     *
     * @param mean mean over seeds of this row's score minus that of the reference
     * @param interval of the mean, with 95 % confidence, for this comparison alone
     * @param p two-sided probability of a difference as large, were there none
     * @param adjustedP after Holm's correction over the column
     */
    public record Difference(double mean, Interval interval, double p, double adjustedP) {}

    /**
     * A row's score.
     *
     * @param spread over the seeds that came to an end
     * @param mark whether it is the best or tied with it
     * @param difference to the reference row; null for that row, and where nothing was tested
     */
    public record Cell(Spread spread, Mark mark, @Nullable Difference difference) {}

    /**
     * Time to the target.
     *
     * @param seconds mean over the seeds that reached it, initialisation included; null if none did
     * @param reached how many seeds did
     * @param of how many there are
     */
    public record Reached(@Nullable Double seconds, int reached, int of) {}

    /**
     * What a row took.
     *
     * @param initSeconds mean seconds for gradient estimate and initialisation, or for the frozen encoder's outputs (head-only)
     * @param trainSeconds mean seconds of training, evaluations not included
     * @param examplesPerSecond mean training examples per second of training; null if nothing was trained in steps, or their number is not known
     * @param peakBytes highest memory of a trial over all seeds, ND4J's off-heap plus heap bytes
     * @param adapterBytes the adapter's weights on disk; null if there are none
     * @param reached time to the target; null if there is no target, or no evaluation's time was kept
     */
    public record Cost(
            double initSeconds,
            double trainSeconds,
            @Nullable Double examplesPerSecond,
            long peakBytes,
            @Nullable Long adapterBytes,
            @Nullable Reached reached) {}

    /**
     * A method at a learning rate.
     *
     * @param method its label
     * @param learningRate the peak rate; null for a method that takes none
     * @param trainableParameters number of trainable scalars; null if no trial came to an end
     * @param cells by figure; none for a figure without a value
     * @param finished number of seeds with a result
     * @param diverged number of seeds that met a NaN or an infinity
     * @param failed number of seeds that ended without a result for another reason
     * @param cost what it took; null if nothing was run to its end
     */
    public record Row(
            String method,
            @Nullable Double learningRate,
            @Nullable Long trainableParameters,
            Map<String, Cell> cells,
            int finished,
            int diverged,
            int failed,
            @Nullable Cost cost) {
        /** Copies the map. */
        public Row {
            cells = Collections.unmodifiableMap(new LinkedHashMap<>(cells));
        }

        /**
         * A figure over the seeds.
         *
         * @param figure its name
         * @return mean, deviation and number; null if there is no value
         */
        public @Nullable Spread spread(String figure) {
            Cell cell = cells.get(figure);
            return cell == null ? null : cell.spread();
        }
    }
}
