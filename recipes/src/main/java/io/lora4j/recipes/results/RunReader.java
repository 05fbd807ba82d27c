package io.lora4j.recipes.results;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads run directories. */
public final class RunReader {
    static final String RECIPE = "recipe.yaml";
    static final String PROVENANCE = "provenance.json";
    static final String TRIALS = "trials";
    static final String RESULT = "result.json";

    /** What a folder is called until its trial is complete. */
    private static final String UNFINISHED = ".part";

    private RunReader() {}

    /**
     * Whether a folder is a run directory: one with a recipe and trials.
     *
     * @param folder any path
     * @return false also for what is not there
     */
    public static boolean isRun(Path folder) {
        return Files.isRegularFile(folder.resolve(RECIPE)) && Files.isDirectory(folder.resolve(TRIALS));
    }

    /**
     * Reads a run directory. Trials that go on or were interrupted are left out.
     *
     * @param folder the run directory
     * @return the run with the trials that came to an end; their predictions and curves are not read yet
     * @throws FormatException if a file is damaged, or of another run
     * @throws UserException if it is no run directory, or a file cannot be read
     */
    public static RunResults read(Path folder) {
        if (!isRun(folder)) {
            throw new UserException(folder + " is no run directory: it has no " + RECIPE + " or no " + TRIALS
                    + "/; name the folder that the run printed, or one above it");
        }
        Recipe recipe = RecipeReader.read(folder.resolve(RECIPE), List.of());
        RunProvenance provenance = RunProvenance.read(Fields.read(folder.resolve(PROVENANCE)));
        List<TrialRecord> trials =
                trialFolders(folder).stream().map(TrialReader::read).toList();
        Fields majority = majority(folder.resolve(RESULT));
        ClassificationMetrics computed = majority == null ? majority(provenance) : null;
        Map<String, Double> scores =
                majority != null ? Scores.of(majority) : computed != null ? computed.figures() : Map.of();
        Double loss = majority != null
                ? majority.numberOrNull("loss")
                : computed != null ? Double.valueOf(computed.loss()) : null;
        return new RunResults(
                folder, recipe, provenance, scores, loss == null ? Double.NaN : loss, ordered(recipe, trials));
    }

    private static List<Path> trialFolders(Path folder) {
        try (Stream<Path> all = Files.list(folder.resolve(TRIALS))) {
            return all.filter(Files::isDirectory)
                    .filter(path -> !String.valueOf(path.getFileName()).endsWith(UNFINISHED))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserException("cannot read " + folder + ": " + AtomicFile.reason(e), e);
        }
    }

    /** As the finished run wrote it; null for a run that is not finished. */
    private static @Nullable Fields majority(Path result) {
        if (!Files.isRegularFile(result)) {
            return null;
        }
        Fields json = Fields.read(result);
        return json.has("majority") ? json.object("majority") : null;
    }

    private static @Nullable ClassificationMetrics majority(RunProvenance provenance) {
        List<Long> counts = provenance.devLabelCounts();
        if (counts == null || counts.size() < 2 || provenance.devExamples() == 0) {
            return null;
        }
        int[] labels = new int[provenance.devExamples()];
        int next = 0;
        for (int label = 0; label < counts.size(); label++) {
            for (long i = 0; i < counts.get(label) && next < labels.length; i++) {
                labels[next++] = label;
            }
        }
        return ClassificationMetrics.majorityBaseline(labels, counts.size());
    }

    /** The trials in the recipe's order; one that the recipe does not know, or that is there twice, is of another run. */
    private static List<TrialRecord> ordered(Recipe recipe, List<TrialRecord> trials) {
        Map<String, TrialRecord> byKey = new LinkedHashMap<>();
        for (TrialRecord trial : trials) {
            Double rate = trial.learningRate();
            double value = rate == null ? Recipe.MethodChoice.NO_RATE : rate;
            TrialRecord other = byKey.putIfAbsent(key(trial.label(), value, trial.seed()), trial);
            if (other != null) {
                throw new FormatException(
                        trial.folder().resolve(RESULT), "is the result of the same trial as " + other.folder());
            }
        }
        List<TrialRecord> ordered = new ArrayList<>();
        for (Recipe.MethodChoice method : recipe.methods()) {
            for (double rate : method.learningRates()) {
                for (long seed : recipe.train().seeds()) {
                    TrialRecord trial = byKey.remove(key(method.label(), rate, seed));
                    if (trial != null) {
                        ordered.add(trial);
                    }
                }
            }
        }
        if (!byKey.isEmpty()) {
            TrialRecord foreign = byKey.values().iterator().next();
            throw new FormatException(
                    foreign.folder().resolve(RESULT),
                    "is of " + byKey.keySet().iterator().next() + ", which is none of the trials of this run's recipe ("
                            + recipe.methods().stream()
                                    .map(Recipe.MethodChoice::label)
                                    .collect(Collectors.joining(", "))
                            + "; seeds " + recipe.train().seeds() + ")");
        }
        return ordered;
    }

    private static String key(String label, double rate, long seed) {
        return label + (rate > 0 ? ", learning rate " + rate : "") + ", seed " + seed;
    }
}
