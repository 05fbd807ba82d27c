package io.lora4j.datasets;

import java.util.List;

/**
 * How much an optimiser step holds, and how much of it is laid out at once.
 *
 * @param unit what is counted
 * @param size examples of a step, or its tokens, which are then met within one example's length
 * @param atOnce the most of a step that is laid out at once: it is cut into consecutive pieces; a piece of a single example may have more tokens
 */
public record StepSize(Unit unit, int size, int atOnce) {
    /** What a step is measured in. */
    public enum Unit {
        /** Every step has as many examples, and costs what their lengths make it cost. */
        EXAMPLES,
        /** Every step has as many tokens: many short examples or few long ones. */
        TOKENS
    }

    /** Checks that both are positive. */
    public StepSize {
        if (size < 1 || atOnce < 1) {
            throw new IllegalArgumentException("a step of " + size + ", " + atOnce + " at once: needs 1 or more");
        }
    }

    /**
     * The number of steps that it takes to see all examples once: of EXAMPLES n / size, of TOKENS total / size, both rounded up.
     *
     * @param examples one or more examples
     * @return at least 1, at most as many as there are examples
     */
    public int stepsPerEpoch(List<EncodedExample> examples) {
        long total = unit == Unit.EXAMPLES
                ? examples.size()
                : examples.stream().mapToLong(EncodedExample::length).sum();
        return (int) Math.min(examples.size(), (total - 1) / size + 1);
    }
}
