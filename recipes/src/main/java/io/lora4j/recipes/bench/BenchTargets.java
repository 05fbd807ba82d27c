package io.lora4j.recipes.bench;

import io.lora4j.recipes.schema.Types;
import java.util.List;

/** The linear maps of a layer that get adapters. */
public enum BenchTargets {
    /** Query and value. */
    QV,
    /** All six. */
    ALL;

    /** Ends of the layers' names. */
    List<String> modules() {
        return switch (this) {
            case QV -> List.of("query", "value");
            case ALL ->
                List.of("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense");
        };
    }

    /** The name on the command line and in JSON. */
    @Override
    public String toString() {
        return Types.name(this);
    }
}
