package io.lora4j.train;

import org.jspecify.annotations.Nullable;

/**
 * What training came to.
 *
 * @param steps optimiser steps taken, those before a checkpoint included
 * @param finalLoss mean loss over the last step's examples, before that step; NaN if no step was taken
 * @param seconds wall-clock seconds of the loop, listeners included; those before a checkpoint are not
 * @param stoppedAt where to go on, if it was told to stop before its end; else null
 */
public record TrainResult(
        long steps,
        double finalLoss,
        double seconds,
        @Nullable TrainCheckpoint stoppedAt) {}
