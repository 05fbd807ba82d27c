package io.lora4j.recipes.run;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What all trials of a comparison share, with the frozen encoder's outputs made when they are first asked for. Not thread-safe. */
final class Shared {
    private final Workbench bench;
    private final RunListener listener;
    private final BooleanSupplier stop;
    private @Nullable PooledFeatures features;

    /** For trials that nobody stops. */
    Shared(Workbench bench, RunListener listener) {
        this(bench, listener, () -> false);
    }

    /**
     * @param stop asked before every optimiser step
     */
    Shared(Workbench bench, RunListener listener, BooleanSupplier stop) {
        this.bench = bench;
        this.listener = listener;
        this.stop = stop;
    }

    BooleanSupplier stop() {
        return stop;
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
