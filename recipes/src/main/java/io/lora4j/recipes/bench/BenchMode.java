package io.lora4j.recipes.bench;

import io.lora4j.recipes.schema.Types;

/** What one timed step does. */
public enum BenchMode {
    /** Forward, backward and AdamW on adapters and head, over the frozen encoder. */
    LORA,
    /** Forward, backward and AdamW on every parameter. */
    FULL,
    /** Forward and backward with the gradient of every layer's linear weights added up, without an optimiser. */
    GRAD,
    /** Forward only. */
    INFER;

    /** The name on the command line and in JSON. */
    @Override
    public String toString() {
        return Types.name(this);
    }
}
