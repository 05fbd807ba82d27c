package io.lora4j.train;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a training run begins, and whether it is to stop before its end.
 *
 * @param from a checkpoint to go on from; null to begin at the first step
 * @param stop asked before every optimiser step, on the training thread; once true, training stops and returns a checkpoint
 */
public record TrainControl(@Nullable TrainCheckpoint from, BooleanSupplier stop) {
    /** From the first step to the last. */
    public static final TrainControl WHOLE = new TrainControl(null, () -> false);
}
