package io.lora4j.recipes.run;

import org.jspecify.annotations.Nullable;

/** What all trials of a comparison share, with the frozen encoder's outputs made when they are first asked for. Not thread-safe. */
final class Shared {
    private final Workbench bench;
    private final RunListener listener;
    private @Nullable PooledFeatures features;

    Shared(Workbench bench, RunListener listener) {
        this.bench = bench;
        this.listener = listener;
    }

    Workbench bench() {
        return bench;
    }

    RunListener listener() {
        return listener;
    }

    /** The frozen encoder's outputs for all examples. */
    PooledFeatures features() {
        PooledFeatures known = features;
        if (known == null) {
            known = PooledFeatures.of(bench, listener);
            features = known;
        }
        return known;
    }
}
