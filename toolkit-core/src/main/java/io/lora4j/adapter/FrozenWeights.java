package io.lora4j.adapter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The pre-trained arrays of a network, by name, and the one owner that binds them to its layers.
 *
 * <p>Names are a layer's (graph vertex's) name, a dot and the array's own name: {@code
 * bert.encoder.layer.0.attention.self.query.weight}. Linear weights are in DL4J's orientation [in, out]; a checkpoint's row-major
 * [out, in] matrix is that array in 'f' order without a copy. The arrays are shared between all networks they are bound to and
 * are never written. The map is immutable; the object is thread-safe as long as nobody writes into the arrays.
 */
public final class FrozenWeights {
    private final Map<String, INDArray> arrays;

    /**
     * @param arrays name to array; the map is copied, the arrays are not
     */
    public FrozenWeights(Map<String, INDArray> arrays) {
        this.arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
    }

    /**
     * The array of a name.
     *
     * @param name the full name, e.g. {@code encoder.dense.weight}
     * @return the shared array; must not be written
     * @throws IllegalArgumentException if there is none of that name
     */
    public INDArray get(String name) {
        INDArray array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException("no frozen array named " + name);
        }
        return array;
    }

    /**
     * The array of a name, if there is one.
     *
     * @param name the full name
     * @return the shared array, or null
     */
    public @Nullable INDArray find(String name) {
        return arrays.get(name);
    }

    /**
     * All names, in the order they were given.
     *
     * @return an unmodifiable set
     */
    public Set<String> names() {
        return arrays.keySet();
    }

    /**
     * The same weights with some arrays replaced or added; nothing is copied.
     *
     * @param changed name to array
     * @return a new object that shares all other arrays
     */
    public FrozenWeights with(Map<String, INDArray> changed) {
        Map<String, INDArray> all = new LinkedHashMap<>(arrays);
        all.putAll(changed);
        return new FrozenWeights(all);
    }

    /**
     * Binds every layer and vertex of the graph that holds frozen weights.
     *
     * @param graph an initialised graph
     * @throws IllegalArgumentException if an array is missing or has the wrong shape; the message names both
     */
    public void bindTo(ComputationGraph graph) {
        for (org.deeplearning4j.nn.graph.vertex.GraphVertex vertex : graph.getVertices()) {
            if (vertex instanceof FrozenWeightsHolder holder) {
                holder.bindFrozen(this);
            } else if (vertex.hasLayer() && vertex.getLayer() instanceof FrozenWeightsHolder holder) {
                holder.bindFrozen(this);
            }
        }
    }

    /**
     * Binds every layer of the network that holds frozen weights.
     *
     * @param network an initialised network whose layers are named
     * @throws IllegalArgumentException if an array is missing or has the wrong shape; the message names both
     */
    public void bindTo(MultiLayerNetwork network) {
        for (Layer layer : network.getLayers()) {
            if (layer instanceof FrozenWeightsHolder holder) {
                holder.bindFrozen(this);
            }
        }
    }
}
