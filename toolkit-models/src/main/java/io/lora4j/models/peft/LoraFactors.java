package io.lora4j.models.peft;

import io.lora4j.adapter.AdaptedModel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The two factors of one adapter: its update of the weight is s A B.
 *
 * @param a A, [in, r]
 * @param b B, [r, out]
 */
public record LoraFactors(INDArray a, INDArray b) {
    /** Checks that the shapes fit together. */
    public LoraFactors {
        if (a.rank() != 2 || b.rank() != 2 || a.columns() != b.rows()) {
            throw new IllegalArgumentException(
                    "A " + a.shapeInfoToString() + " and B " + b.shapeInfoToString() + " are not [in, r] and [r, out]");
        }
    }

    /**
     * The rank r.
     *
     * @return columns of A and rows of B
     */
    public int rank() {
        return a.columns();
    }

    /**
     * Copies all adapters of a model as they are now. Taken between initialisation and training it is what {@link
     * PeftAdapter#relativeTo} needs for methods that shift the base weights.
     *
     * @param model a model with adapters
     * @return layer name to copied factors, in the graph's order; unmodifiable
     */
    @SuppressWarnings("try") // the scope is held, not used
    public static Map<String, LoraFactors> copyOf(AdaptedModel model) {
        Map<String, LoraFactors> copies = new LinkedHashMap<>();
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            model.adapters()
                    .forEach((name, layer) -> copies.put(
                            name,
                            new LoraFactors(layer.loraA().dup(), layer.loraB().dup())));
        }
        return Collections.unmodifiableMap(copies);
    }
}
