package io.lora4j.recipes.run;

import java.nio.file.Path;

/** Other processes that take trials of a comparison: {@code lora4j run --jobs N}. */
@FunctionalInterface
public interface Helpers {
    /** Nobody: the comparison's own process runs all trials. */
    Helpers NONE = runDirectory -> {};

    /**
     * Starts processes that call {@link ComparisonRunner#help} and waits until all of them have ended, however they end: what they leave undone the
     * comparison's own process does.
     *
     * @param runDirectory a run directory with recipe and provenance
     */
    void work(Path runDirectory);
}
