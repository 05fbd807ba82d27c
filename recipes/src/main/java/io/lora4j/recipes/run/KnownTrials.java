package io.lora4j.recipes.run;

import io.lora4j.error.UserException;
import io.lora4j.recipes.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What earlier processes have left in a run directory: the trials that need not be run again. */
final class KnownTrials {
    private static final String RESULT = "result.json";

    private final Workbench bench;
    private final RunDirectory directory;

    KnownTrials(Workbench bench, RunDirectory directory) {
        this.bench = bench;
        this.directory = directory;
    }

    /**
     * Reads the results of all of the recipe's trials.
     *
     * @return those that are finished; trials for which memory or disk gave out are not
     * @throws UserException if a result is damaged, or there are some of other settings: nothing is overwritten unasked
     */
    Map<TrialKey, TrialOutcome> read() {
        Map<TrialKey, TrialOutcome> known = new LinkedHashMap<>();
        List<String> others = new ArrayList<>();
        for (long seed : bench.recipe().train().seeds()) {
            for (Recipe.MethodChoice method : bench.recipe().methods()) {
                for (double rate : method.learningRates()) {
                    TrialKey key = new TrialKey(method.label(), rate, seed);
                    TrialOutcome outcome = outcome(method, key, others);
                    if (outcome != null) {
                        known.put(key, outcome);
                    }
                }
            }
        }
        refuse(others);
        return known;
    }

    private void refuse(List<String> others) {
        if (!others.isEmpty()) {
            throw new UserException("cannot go on with " + directory.folder()
                    + ": it holds results of other settings, data, model or numbers than would be run now; start in a new folder, or"
                    + " remove them to run these trials again:\n  " + String.join("\n  ", others));
        }
    }

    /**
     * Looks for one result, now: other processes may have finished it in the meantime.
     *
     * @return null if the trial is to be run
     */
    @Nullable
    TrialOutcome find(Recipe.MethodChoice method, TrialKey key) {
        List<String> others = new ArrayList<>();
        TrialOutcome outcome = outcome(method, key, others);
        refuse(others);
        return outcome;
    }

    private @Nullable TrialOutcome outcome(Recipe.MethodChoice method, TrialKey key, List<String> others) {
        Path file = directory.trial(key).resolve(RESULT);
        if (!Files.exists(file)) {
            return null;
        }
        TrialOutcome outcome = TrialResultFile.read(file, key);
        if (!TrialFingerprint.of(bench, method, key).equals(TrialResultFile.fingerprint(file))) {
            others.add(directory.trial(key).toString());
        }
        boolean again = outcome instanceof FailedTrial failed && failed.status() == FailedTrial.Status.FAILED;
        return again ? null : outcome;
    }
}
