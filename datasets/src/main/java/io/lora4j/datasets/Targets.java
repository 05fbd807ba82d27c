package io.lora4j.datasets;

import java.util.List;

/** What a task asks for. */
public sealed interface Targets {
    /**
     * One of some classes.
     *
     * @param labels the labels as the files write them, in the order of their classes
     * @param names the labels as results print them, in the same order
     */
    record Classes(List<String> labels, List<String> names) implements Targets {
        /** Copies the lists. */
        public Classes {
            labels = List.copyOf(labels);
            names = List.copyOf(names);
        }
    }

    /**
     * A number in a range.
     *
     * @param least the least score a file may have
     * @param greatest the greatest, above {@code least}
     */
    record Scores(double least, double greatest) implements Targets {
        /** Checks the range. */
        public Scores {
            if (!Double.isFinite(least) || !Double.isFinite(greatest) || least >= greatest) {
                throw new IllegalArgumentException("no range of scores: " + least + " to " + greatest);
            }
        }
    }
}
