package io.lora4j.recipes.study;

import io.lora4j.recipes.Combination;
import io.lora4j.recipes.Study;
import io.lora4j.recipes.run.ComparisonResult;
import io.lora4j.recipes.run.FailedTrial;
import io.lora4j.recipes.table.ResultTable;
import io.lora4j.recipes.table.TableText;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a study came to.
 *
 * @param study what was run
 * @param folder the study's folder
 * @param parts one for every combination, in the study's order
 */
public record StudyResult(Study study, Path folder, List<Part> parts) {
    /** Copies the list. */
    public StudyResult {
        parts = List.copyOf(parts);
    }

    /**
     * What a combination came to.
     *
     * @param combination which
     * @param choice what its search came to; null without a search
     * @param result the comparison that is reported
     */
    public record Part(Combination combination, @Nullable Choice choice, ComparisonResult result) {
        /**
         * The comparison's table, with a note of how settings were chosen.
         *
         * @return rows of the dev set
         */
        public ResultTable table() {
            Choice made = choice;
            ResultTable table = result.table();
            if (made == null) {
                return table;
            }
            return table.withNote("chosen by " + made.rule() + ": "
                    + made.methods().stream()
                            .filter(method -> method.best().rung() > 0)
                            .map(method -> describe(method, made.metric()))
                            .collect(Collectors.joining("; ")));
        }

        private static String describe(Choice.Chosen method, String metric) {
            Choice.Scored best = method.best();
            Double score = best.score();
            String grid = best.candidate().gridText();
            return method.label() + (grid.isEmpty() ? "" : " " + grid) + " rate "
                    + TableText.shortest(best.candidate().learningRate()) + " of "
                    + method.candidates().size()
                    + (score == null
                            ? " (none came to a result)"
                            : String.format(Locale.ROOT, " (%s %.2f %%)", metric, 100 * score));
        }
    }

    /**
     * Trials of the reported comparisons without a result; what became of candidates is the search's affair.
     *
     * @return in order
     */
    public List<FailedTrial> failures() {
        return parts.stream().flatMap(part -> part.result().failures().stream()).toList();
    }
}
