package io.lora4j.recipes.study;

import io.lora4j.error.UserException;
import io.lora4j.recipes.Combination;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.Study;
import io.lora4j.recipes.StudyReader;
import io.lora4j.recipes.run.ComparisonResult;
import io.lora4j.recipes.run.ComparisonRunner;
import io.lora4j.recipes.run.Json;
import io.lora4j.recipes.run.Rehearsal;
import io.lora4j.recipes.run.RunDirectory;
import io.lora4j.recipes.run.RunInterruptedException;
import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a study: comparison after comparison, each in a run directory of its own. Deterministic as its comparisons are; a study that was stopped or
 * killed, however often, comes to what an undisturbed one comes to.
 */
public final class StudyRunner {
    private static final Logger LOG = LoggerFactory.getLogger(StudyRunner.class);
    private static final String STUDY = "study.yaml";

    private final Study study;
    private final RunDirectory directory;
    private final RunOptions options;
    private final StudyListener listener;
    private final RunListener trials;
    private int number;

    private StudyRunner(
            Study study, RunDirectory directory, RunOptions options, StudyListener listener, RunListener trials) {
        this.study = study;
        this.directory = directory;
        this.options = options;
        this.listener = listener;
        this.trials = trials;
    }

    /**
     * Runs a study.
     *
     * @param study what to run
     * @param options where to read and write
     * @param listener hears of the comparisons
     * @param trials hears of what happens in them
     * @return all tables, which are also in the study's folder
     * @throws UserException if the folder, data or a model cannot be used, or an adapter does not fit
     * @throws RunInterruptedException if it was told to stop; {@link #resume} goes on
     */
    public static StudyResult run(Study study, RunOptions options, StudyListener listener, RunListener trials) {
        Path output = options.output();
        RunDirectory directory = output != null
                ? RunDirectory.claim(output)
                : RunDirectory.claim(
                        options.runs(),
                        study.name(),
                        LocalDateTime.now(ZoneId.systemDefault()),
                        study.combinations().get(0).recipe().train().seeds().get(0));
        Path file = directory.resolve(STUDY);
        Json.text(file, study.yaml());
        try {
            return new StudyRunner(study, directory, options, listener, trials).runAll();
        } catch (UserException e) {
            releaseIfNothingElse(directory, file);
            throw e;
        }
    }

    /** Nothing was run: the same command must do once the mistake is put right. */
    private static void releaseIfNothingElse(RunDirectory directory, Path file) {
        try (Stream<Path> content = Files.list(directory.folder())) {
            if (content.allMatch(file::equals)) {
                Files.delete(file);
                directory.release();
            }
        } catch (IOException stays) {
            LOG.debug("{} is left behind", directory.folder(), stays);
        }
    }

    /**
     * Goes on with a study. A trial that is finished, or whose committed {@code result.json} has the fingerprint of what would be run, is not run
     * again.
     *
     * @param folder the study's folder
     * @param overrides {@code key=value} that say where data and models are now, if they have moved
     * @param options where models are; the output is not looked at
     * @param listener hears of the comparisons
     * @param trials hears of what happens in them
     * @return all tables, which are also in the study's folder
     * @throws UserException if it is no study's folder, or holds results of other settings, data or models than the study's
     * @throws RunInterruptedException if it was told to stop again
     */
    public static StudyResult resume(
            Path folder, List<String> overrides, RunOptions options, StudyListener listener, RunListener trials) {
        if (!isStudy(folder)) {
            throw new UserException("cannot go on with " + folder + ": it has no " + STUDY);
        }
        Study study = StudyReader.read(folder.resolve(STUDY), overrides);
        return new StudyRunner(study, RunDirectory.claimAgain(folder), options, listener, trials).runAll();
    }

    /**
     * Whether a folder is a study's, and not a run directory.
     *
     * @param folder any path
     * @return true if there is a {@code study.yaml}
     */
    public static boolean isStudy(Path folder) {
        return Files.isRegularFile(folder.resolve(STUDY));
    }

    @SuppressWarnings("try") // the lock is held, not used
    private StudyResult runAll() {
        try (RunDirectory.Lock alone = directory.lock()) {
            listener.onStudy(study, directory.folder());
            StudyEstimate estimate = StudyClock.estimate(study, directory.folder(), new Rehearsal(options, trials));
            listener.onEstimate(estimate);
            List<StudyResult.Part> parts = new ArrayList<>();
            for (Combination combination : study.combinations()) {
                parts.add(part(combination));
            }
            StudyResult result = new StudyResult(study, directory.folder(), parts);
            StudyTables.write(result);
            return result;
        } catch (RunInterruptedException e) {
            throw e.within(directory.folder());
        }
    }

    private StudyResult.Part part(Combination combination) {
        if (combination.search() == null) {
            return new StudyResult.Part(combination, null, compare(combination, "final", combination.recipe()));
        }
        Search search = new Search(combination);
        ChoiceFile file = new ChoiceFile(folder(combination), combination);
        Choice choice = file.read();
        if (choice == null) {
            choice = search.run(
                    (folder, recipe) -> compare(combination, folder, recipe),
                    recipe -> ComparisonRunner.steps(recipe, options, trials));
            file.write(choice);
        } else {
            number += search.folders().size();
        }
        listener.onChoice(choice);
        return new StudyResult.Part(combination, choice, compare(combination, "final", search.chosen(choice)));
    }

    private Path folder(Combination combination) {
        return directory.folder().resolve(combination.name());
    }

    private ComparisonResult compare(Combination combination, String name, Recipe recipe) {
        number++;
        Path folder = folder(combination).resolve(name);
        listener.onComparison(directory.folder().relativize(folder).toString(), number, study.comparisons());
        return ComparisonRunner.runOrResume(recipe, options.withOutput(folder), trials);
    }
}
