package io.lora4j.train;

import java.util.List;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Training data as optimiser steps.
 *
 * <p>A step is a list of micro-batches whose gradients are summed and divided by the number of examples in all of them, so a
 * step's gradient does not depend on how it is cut. Implementations are repeatable: asking for the same epoch again gives the
 * same steps. A partial step at the end of an epoch is a step of its own.
 */
public interface BatchSource {
    /**
     * Number of examples in one epoch.
     *
     * @return at least 1
     */
    int exampleCount();

    /**
     * Number of optimiser steps in one epoch.
     *
     * @return at least 1
     */
    int stepsPerEpoch();

    /**
     * The steps of one epoch, made lazily in order.
     *
     * @param epoch the epoch, counted from 0
     * @return steps, each a non-empty list of micro-batches; arrays belong to the caller
     */
    Iterable<List<MultiDataSet>> epoch(int epoch);
}
