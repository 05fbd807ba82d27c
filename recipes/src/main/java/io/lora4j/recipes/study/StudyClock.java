package io.lora4j.recipes.study;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.recipes.Combination;
import io.lora4j.recipes.SearchChoice;
import io.lora4j.recipes.Study;
import io.lora4j.recipes.run.Preview;
import io.lora4j.recipes.run.Rehearsal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Says what a study will take, and finds out before its first trial what would end it after many. */
public final class StudyClock {
    private StudyClock() {}

    /**
     * Looks at every combination.
     *
     * @param study the study
     * @param folder its folder, in which there may be finished trials; also one that does not exist
     * @param rehearsal loads and times
     * @return what is left
     * @throws UserException if data or a model cannot be used, or an adapter does not fit
     */
    public static StudyEstimate estimate(Study study, Path folder, Rehearsal rehearsal) {
        double seconds = 0;
        for (Combination combination : study.combinations()) {
            seconds += seconds(combination, rehearsal.of(combination.recipe()));
        }
        long left = Math.max(0, study.trials() - finished(folder));
        return new StudyEstimate(left, seconds * left / study.trials());
    }

    /**
     * Seconds of a combination.
     *
     * @param combination the combination
     * @param preview its recipe's
     * @return search and reported comparison
     */
    public static double seconds(Combination combination, Preview preview) {
        double seconds = preview.seconds();
        SearchChoice search = combination.search();
        if (search == null) {
            return seconds;
        }
        int stepsPerEpoch = (int) Math.ceil((1 - search.holdout()) * preview.stepsPerEpoch());
        long whole = search.budget(combination.recipe().train()).totalSteps(Math.max(1, stepsPerEpoch));
        for (SearchChoice.Rung rung : search.rungs()) {
            seconds += rung.candidates() * preview.secondsOfMethods(rung.steps(whole)) + preview.secondsOfStarts();
        }
        return seconds;
    }

    /** Results below a folder. */
    private static long finished(Path folder) {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("result.json"))
                    .map(folder::relativize)
                    .filter(file -> file.getNameCount() > 2)
                    .filter(file -> file.getName(file.getNameCount() - 3).endsWith("trials"))
                    .filter(file ->
                            !file.getName(file.getNameCount() - 2).toString().endsWith(AtomicFile.PART))
                    .count();
        } catch (IOException e) {
            throw new UserException("cannot read " + folder + ": " + AtomicFile.reason(e), e);
        }
    }
}
