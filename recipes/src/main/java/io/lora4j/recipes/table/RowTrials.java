package io.lora4j.recipes.table;

import io.lora4j.error.UserException;
import io.lora4j.recipes.method.HeadOnlySettings;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.results.TrialRecord;
import io.lora4j.recipes.results.TrialRecord.Outcome;
import io.lora4j.recipes.results.TrialRecord.Status;
import io.lora4j.recipes.stats.Spread;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The trials of one row: a method with its settings at a rate, over seeds, out of one run or several. */
final class RowTrials {
    /**
     * What makes a row.
     *
     * @param label the method's label
     * @param rate its rate; null for a method that takes none
     * @param settings its settings
     */
    private record Key(String label, @Nullable Double rate, Map<String, String> settings) {}

    private final String label;
    private final @Nullable Double rate;
    private final boolean headOnly;
    private final SortedMap<Long, TrialRecord> bySeed = new TreeMap<>();
    private final Map<Path, RunResults> runs = new HashMap<>();

    private RowTrials(String label, @Nullable Double rate, boolean headOnly) {
        this.label = label;
        this.rate = rate;
        this.headOnly = headOnly;
    }

    /**
     * The rows of some runs, in the order of their recipes. A method that has other settings in another run is another row, and both say what they
     * are; the same trial in two runs is counted once if both came to the same.
     *
     * @param notes takes what a reader must know
     * @throws UserException if two runs have different results for the same trial
     */
    static List<RowTrials> of(List<RunResults> runs, List<String> notes) {
        Map<String, Set<Map<String, String>>> variants = new LinkedHashMap<>();
        for (RunResults run : runs) {
            run.trials().forEach(trial -> variants.computeIfAbsent(trial.label(), unused -> new LinkedHashSet<>())
                    .add(trial.settings()));
        }
        Map<Key, RowTrials> rows = new LinkedHashMap<>();
        for (RunResults run : runs) {
            for (TrialRecord trial : run.trials()) {
                Set<Map<String, String>> all = Objects.requireNonNull(variants.get(trial.label()));
                rows.computeIfAbsent(
                                new Key(trial.label(), trial.learningRate(), trial.settings()),
                                key -> new RowTrials(
                                        key.label() + described(key.settings(), all), key.rate(), isHeadOnly(trial)))
                        .add(trial, run, notes);
            }
        }
        // The baseline stands first, whichever run it is from.
        List<RowTrials> ordered = new ArrayList<>();
        rows.values().stream().filter(row -> row.headOnly).forEach(ordered::add);
        rows.values().stream().filter(row -> !row.headOnly).forEach(ordered::add);
        return ordered;
    }

    private static boolean isHeadOnly(TrialRecord trial) {
        return trial.method().equals(new HeadOnlySettings().type().name());
    }

    /** The settings in which methods of the same label differ. */
    private static String described(Map<String, String> settings, Set<Map<String, String>> variants) {
        String differing = settings.entrySet().stream()
                .filter(entry ->
                        variants.stream().anyMatch(other -> !entry.getValue().equals(other.get(entry.getKey()))))
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return differing.isEmpty() ? "" : " (" + differing + ")";
    }

    private void add(TrialRecord trial, RunResults run, List<String> notes) {
        runs.put(trial.folder(), run);
        TrialRecord other = bySeed.putIfAbsent(trial.seed(), trial);
        if (other == null) {
            return;
        }
        Outcome first = other.outcome();
        Outcome second = trial.outcome();
        if (first == null && second != null) {
            bySeed.put(trial.seed(), trial); // tried again elsewhere, and it came to a result
        } else if (first != null && second != null && !first.scores().equals(second.scores())) {
            if (!headOnly) {
                throw new UserException("two runs have different results for " + name() + ", seed " + trial.seed()
                        + ": " + other.folder() + " and " + trial.folder() + "; name only one of these runs");
            }
            notes.add(name() + ", seed " + trial.seed() + ": that of " + other.folder() + "; " + trial.folder()
                    + " came to another result");
        }
    }

    String label() {
        return label;
    }

    @Nullable
    Double rate() {
        return rate;
    }

    boolean headOnly() {
        return headOnly;
    }

    /** The row as notes name it. */
    String name() {
        Double known = rate;
        return known == null ? label : label + " at " + TableText.shortest(known);
    }

    /** The method's type. */
    String method() {
        return trials().get(0).method();
    }

    List<TrialRecord> trials() {
        return List.copyOf(bySeed.values());
    }

    /** The run that a trial of this row belongs to. */
    RunResults run(TrialRecord trial) {
        return Objects.requireNonNull(runs.get(trial.folder()));
    }

    /** The trials with a result, by seed. */
    SortedMap<Long, TrialRecord> done() {
        SortedMap<Long, TrialRecord> done = new TreeMap<>(bySeed);
        done.values().removeIf(trial -> trial.outcome() == null);
        return done;
    }

    List<Outcome> outcomes() {
        return bySeed.values().stream()
                .flatMap(trial -> Optional.ofNullable(trial.outcome()).stream())
                .toList();
    }

    int count(Status status) {
        return (int) bySeed.values().stream()
                .filter(trial -> trial.status() == status)
                .count();
    }

    /** A figure over the seeds; null if no trial has it. */
    @Nullable
    Spread spread(String figure) {
        List<Double> values = outcomes().stream()
                .flatMap(outcome -> Optional.ofNullable(outcome.scores().get(figure)).stream())
                .toList();
        return values.isEmpty() ? null : Spread.of(values);
    }

    /** A trial as notes name it. */
    static String name(TrialRecord trial) {
        Double rate = trial.learningRate();
        return trial.label() + (rate == null ? "" : ", learning rate " + TableText.shortest(rate)) + ", seed "
                + trial.seed();
    }
}
