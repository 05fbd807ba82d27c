package io.lora4j.models.peft;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.LoraLinearLayer;
import io.lora4j.adapter.WeightForm;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The parameters of one adapter: its update of the weight is s A B.
 *
 * @param a A, [in, r]
 * @param b B, [r, out]
 * @param magnitude DoRA's m, out values; null in the plain form
 */
public record LoraFactors(INDArray a, INDArray b, @Nullable INDArray magnitude) {
    /** Checks that the shapes fit together. */
    public LoraFactors {
        if (a.rank() != 2 || b.rank() != 2 || a.columns() != b.rows()) {
            throw new IllegalArgumentException(
                    "A " + a.shapeInfoToString() + " and B " + b.shapeInfoToString() + " are not [in, r] and [r, out]");
        }
        if (magnitude != null && magnitude.length() != b.columns()) {
            throw new IllegalArgumentException(
                    "the magnitude has " + magnitude.length() + " values, not out = " + b.columns());
        }
    }

    /**
     * The factors of a plain adapter.
     *
     * @param a A, [in, r]
     * @param b B, [r, out]
     */
    public LoraFactors(INDArray a, INDArray b) {
        this(a, b, null);
    }

    /**
     * The parameters of a layer.
     *
     * @param layer an adapted layer
     * @return views of the layer's own arrays
     */
    static LoraFactors of(LoraLinearLayer layer) {
        boolean dora = layer.config().getWeightForm() == WeightForm.DORA;
        return new LoraFactors(layer.loraA(), layer.loraB(), dora ? layer.loraMagnitude() : null);
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
            model.adapters().forEach((name, layer) -> {
                LoraFactors own = of(layer);
                INDArray m = own.magnitude();
                copies.put(name, new LoraFactors(own.a().dup(), own.b().dup(), m == null ? null : m.dup()));
            });
        }
        return Collections.unmodifiableMap(copies);
    }
}
