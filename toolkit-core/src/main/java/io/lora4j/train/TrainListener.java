package io.lora4j.train;

import java.util.ArrayList;
import java.util.List;

/** Hears the training loop; called on the training thread. An exception from a listener ends the training. */
public interface TrainListener {
    /** Hears nothing. */
    TrainListener NONE = info -> {};

    /**
     * After every optimiser step.
     *
     * @param info the step
     */
    void onStep(StepInfo info);

    /**
     * After the last step of an epoch.
     *
     * @param epoch counted from 0
     * @param steps optimiser steps taken so far
     */
    default void onEpochEnd(int epoch, long steps) {}

    /**
     * A listener that passes everything on to several, in order.
     *
     * @param listeners who hears it
     * @return one listener
     */
    static TrainListener all(TrainListener... listeners) {
        List<TrainListener> copy = new ArrayList<>(List.of(listeners));
        return new TrainListener() {
            @Override
            public void onStep(StepInfo info) {
                copy.forEach(l -> l.onStep(info));
            }

            @Override
            public void onEpochEnd(int epoch, long steps) {
                copy.forEach(l -> l.onEpochEnd(epoch, steps));
            }
        };
    }
}
