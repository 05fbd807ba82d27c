package io.lora4j.datasets;

/** What a model is to say about an example: a class, or a number. */
public sealed interface Target {
    /**
     * One of the task's classes.
     *
     * @param label its index in the task's labels, from 0
     */
    record ClassLabel(int label) implements Target {
        /** Checks that the label is no negative number. */
        public ClassLabel {
            if (label < 0) {
                throw new IllegalArgumentException("label " + label + " is negative");
            }
        }
    }

    /**
     * A number, as STS-B's similarity.
     *
     * @param score the number, finite
     */
    record Score(double score) implements Target {
        /** Checks that the score is a number. */
        public Score {
            if (!Double.isFinite(score)) {
                throw new IllegalArgumentException("the score " + score + " is no number");
            }
        }
    }

    /**
     * A class as a target.
     *
     * @param label its index, from 0
     * @return the target
     */
    static Target of(int label) {
        return new ClassLabel(label);
    }

    /**
     * The class.
     *
     * @return its index, from 0
     * @throws IllegalStateException if this is a score: a program for classes got a task of numbers
     */
    default int label() {
        throw new IllegalStateException("the target is a score, not a class: " + this);
    }

    /**
     * The number.
     *
     * @return the score
     * @throws IllegalStateException if this is a class
     */
    default double score() {
        throw new IllegalStateException("the target is a class, not a score: " + this);
    }
}
