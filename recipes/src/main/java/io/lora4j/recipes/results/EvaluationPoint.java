package io.lora4j.recipes.results;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One look at the dev set.
 *
 * @param step optimiser steps taken before it
 * @param seconds what initialisation and training had taken by then, evaluations not included; null if the run did not keep it
 * @param scores the figures by name ({@link TrialRecord.Outcome#scores})
 * @param loss mean loss per example
 */
public record EvaluationPoint(long step, @Nullable Double seconds, Map<String, Double> scores, double loss) {
    /** Copies the map. */
    public EvaluationPoint {
        scores = Scores.copy(scores);
    }
}
