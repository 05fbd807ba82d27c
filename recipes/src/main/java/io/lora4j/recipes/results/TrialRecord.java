package io.lora4j.recipes.results;

import io.lora4j.recipes.predictions.Predictions;
import io.lora4j.recipes.predictions.PredictionsFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A trial that came to an end, as its folder tells it.
 *
 * @param folder the trial's folder
 * @param label what tables call the method; one of the recipe's
 * @param method the method's type, e.g. {@code lora-one}
 * @param settings the method's settings by key, values as text
 * @param learningRate the peak rate; null for a method that takes none
 * @param seed the seed
 * @param fingerprint what the trial's result depends on, as the run wrote it; null for runs that did not
 * @param status how it ended
 * @param message why it has no outcome; null if it has one
 * @param outcome what came of it; null unless the status is {@link Status#DONE}
 */
public record TrialRecord(
        Path folder,
        String label,
        String method,
        Map<String, String> settings,
        @Nullable Double learningRate,
        long seed,
        @Nullable String fingerprint,
        Status status,
        @Nullable String message,
        @Nullable Outcome outcome) {
    /** Copies the map. */
    public TrialRecord {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        if ((outcome != null) != (status == Status.DONE)) {
            throw new IllegalArgumentException(folder + ": a trial has an outcome if it is done, and only then");
        }
    }

    /** How a trial ended. */
    public enum Status {
        /** Trained to the end and evaluated. */
        DONE,
        /** A NaN or an infinity. */
        DIVERGED,
        /** Anything else that ended the trial and not the run. */
        FAILED
    }

    /**
     * A size of a single gradient step, chosen out of a grid.
     *
     * @param stepSize eta of W - eta dL/dW
     * @param gradientLoss mean loss there over the gradient's examples: what it was chosen by
     */
    public record ChosenStep(double stepSize, double gradientLoss) {}

    /**
     * What came of a trial.
     *
     * @param scores the figures on the dev set after the last step, as fractions, by the names of {@link Scores}, in their order; on MNLI's
     *     mismatched dev set with the ending {@code _mismatched}
     * @param examples number of dev examples
     * @param loss mean loss on the dev set
     * @param steps optimiser steps
     * @param finalLoss mean loss over the last step's examples; null if there was no step
     * @param initSeconds for the gradient estimate and the initialisation; for head-only, for the encoder's outputs
     * @param trainSeconds of training, evaluations not included
     * @param evalSeconds of all evaluations
     * @param peakBytes highest memory of the trial
     * @param trainableParameters number of scalars that are trained
     * @param adapterBytes size of the adapter's weights on disk; null if the trial has none, or its run did not keep the size
     * @param chosenStep the step that was chosen among several; null for methods that do not choose
     * @param factorPairs number of pairs of columns of A and rows of B; 0 for methods without adapters
     * @param deadPairs how many of them had no direction to start from
     * @param evaluations all looks at the dev set, the last one included; empty if the run did not keep them
     */
    public record Outcome(
            Map<String, Double> scores,
            int examples,
            double loss,
            long steps,
            @Nullable Double finalLoss,
            double initSeconds,
            double trainSeconds,
            double evalSeconds,
            long peakBytes,
            long trainableParameters,
            @Nullable Long adapterBytes,
            @Nullable ChosenStep chosenStep,
            int factorPairs,
            int deadPairs,
            List<EvaluationPoint> evaluations) {
        /** Copies the collections. */
        public Outcome {
            scores = Scores.copy(scores);
            evaluations = List.copyOf(evaluations);
        }

        /**
         * Seconds until a score was reached, as far as the dev set was looked at: those of initialisation and training.
         *
         * @param figure one of {@link #scores}
         * @param target the score as a fraction
         * @return the seconds of the first evaluation at which the score was at least this; empty if there was none, or times were not kept
         */
        public Optional<Double> secondsTo(String figure, double target) {
            return evaluations.stream()
                    .filter(point -> point.scores().getOrDefault(figure, Double.NEGATIVE_INFINITY) >= target)
                    .findFirst()
                    .flatMap(point -> Optional.ofNullable(point.seconds()));
        }
    }

    /**
     * The predictions for the dev set, read from the trial's folder.
     *
     * @return the predictions; empty if the file is not there
     * @throws io.lora4j.error.FormatException if the file is damaged
     */
    public Optional<Predictions> predictions() {
        Path file = folder.resolve(PredictionsFile.NAME);
        return Files.isRegularFile(file) ? Optional.of(PredictionsFile.read(file)) : Optional.empty();
    }

    /**
     * The optimiser steps, read from the trial's folder.
     *
     * @return a point per step; empty if the files are not there
     * @throws io.lora4j.error.FormatException if a file is damaged
     */
    public List<StepPoint> steps() {
        return Curves.steps(folder);
    }
}
