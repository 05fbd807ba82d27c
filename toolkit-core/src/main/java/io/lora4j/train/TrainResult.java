package io.lora4j.train;

/**
 * What training came to.
 *
 * @param steps optimiser steps taken
 * @param finalLoss mean loss over the last step's examples, before that step
 * @param seconds wall-clock seconds of the loop, listeners included
 */
public record TrainResult(long steps, double finalLoss, double seconds) {}
