package io.lora4j.recipes.run;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What all trials of a comparison share, with the frozen encoder's outputs made when they are first asked for. Not thread-safe. */
final class Shared {
    private final Workbench bench;
    private final RunListener listener;
    private final BooleanSupplier stop;
    private final @Nullable GradientCache gradients;
    private @Nullable PooledFeatures features;

    /** For trials that nobody stops, and gradients that nobody keeps. */
    Shared(Workbench bench, RunListener listener) {
        this(bench, listener, () -> false, null);
    }

    /**
     * @param stop asked before every optimiser step
     * @param gradients where estimated gradients are kept; null for nowhere
     */
    Shared(Workbench bench, RunListener listener, BooleanSupplier stop, @Nullable GradientCache gradients) {
        this.gradients = gradients;
        this.bench = bench;
        this.listener = listener;
        this.stop = stop;
    }

    BooleanSupplier stop() {
        return stop;
    }

    @Nullable
    GradientCache gradients() {
        return gradients;
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
