package io.lora4j.adapter;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A network with frozen weights and adapters, as initialisers and estimators see it: of whatever class the network is.
 *
 * <p>Not thread-safe.
 */
public interface AdaptedNetwork {
    /**
     * Every layer over a frozen matrix, adapted or not, by name.
     *
     * @return an unmodifiable map in the network's order
     */
    Map<String, FrozenLinearLayer> linears();

    /**
     * The layers that carry an adapter, by name.
     *
     * @return a new map in the network's order
     */
    default Map<String, LoraLinearLayer> adapters() {
        Map<String, LoraLinearLayer> found = new LinkedHashMap<>();
        linears().forEach((name, layer) -> {
            if (layer instanceof LoraLinearLayer lora) {
                found.put(name, lora);
            }
        });
        return found;
    }

    /**
     * Adds a shift to one frozen weight: W := W + shift, in an array of this network's own; the shared one is not written.
     *
     * @param layer the layer's name
     * @param shift [in, out]; read only
     * @throws IllegalArgumentException if there is no such layer
     */
    void shiftWeight(String layer, INDArray shift);

    /**
     * One forward and backward pass in training mode; parameters and updater state are not changed.
     *
     * @param data a minibatch, with its masks if it has any
     */
    void computeGradient(MultiDataSet data);
}
