package io.lora4j.recipes.table;

import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.results.Scores;
import io.lora4j.recipes.results.TrialRecord;
import io.lora4j.recipes.results.TrialRecord.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A column of scores.
 *
 * @param name the figure's name in result files, e.g. {@code f1}, {@code accuracy_mismatched}
 * @param official whether the task is ranked by it; official figures are tested for differences and stand first
 */
public record Figure(String name, boolean official) {
    private static final String MISMATCHED = "_mismatched";

    /**
     * The figures of some runs of one task: the official ones in the task's order, then all others.
     *
     * @param runs runs of the same task
     * @return one or more figures
     */
    static List<Figure> of(List<RunResults> runs) {
        Set<String> there = new LinkedHashSet<>();
        for (RunResults run : runs) {
            there.addAll(run.majority().keySet());
            for (TrialRecord trial : run.trials()) {
                Outcome outcome = trial.outcome();
                if (outcome != null) {
                    there.addAll(outcome.scores().keySet());
                }
            }
        }
        List<String> official = TaskFigures.of(runs.get(0).recipe().task(), there.contains(Scores.PEARSON));
        Set<String> ordered = new LinkedHashSet<>();
        official.forEach(name -> add(name, there, ordered));
        Scores.NAMES.forEach(name -> add(name, there, ordered));
        ordered.addAll(there);
        List<Figure> figures = new ArrayList<>();
        ordered.forEach(name -> figures.add(new Figure(name, official.contains(base(name)))));
        if (figures.isEmpty()) {
            figures.add(new Figure(official.get(0), true)); // nothing but trials that diverged
        }
        return figures;
    }

    private static void add(String name, Set<String> there, Set<String> ordered) {
        there.stream().filter(each -> base(each).equals(name)).forEach(ordered::add);
    }

    /** The figure without the dev file it was measured on. */
    static String base(String name) {
        int end = name.indexOf('_');
        return end < 0 ? name : name.substring(0, end);
    }

    /** Whether it was measured on the task's first dev file, whose predictions are kept. */
    boolean onDev() {
        return base(name).equals(name);
    }

    /**
     * The figure in words.
     *
     * @return e.g. {@code F1}, {@code accuracy (mismatched)}
     */
    public String words() {
        String base = base(name);
        String word =
                base.equals(Scores.ACCURACY) ? base : base.substring(0, 1).toUpperCase(Locale.ROOT) + base.substring(1);
        return onDev() ? word : word + " (" + name.substring(base.length() + 1) + ")";
    }

    /** What stands above its column; shorter than {@link #words}. */
    String heading() {
        return words().replace("(" + MISMATCHED.substring(1) + ")", "(mm)") + " %";
    }
}
