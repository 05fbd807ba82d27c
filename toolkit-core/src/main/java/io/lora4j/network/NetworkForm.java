package io.lora4j.network;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A base network as configuration and parameters, and how networks are made of it: what differs between DL4J's two classes.
 *
 * @param <N> MultiLayerNetwork or ComputationGraph
 */
abstract class NetworkForm<N extends Model> {
    private final INDArray params;

    /**
     * @param params the base's flat parameters [n]; shared, never written
     */
    NetworkForm(INDArray params) {
        this.params = params;
    }

    /** The base's flat parameters [n]; shared. */
    final INDArray params() {
        return params;
    }

    /** The base's layers and vertices in the order of its parameters. */
    final Map<String, Slot> slots() {
        return cut(layout(null), params);
    }

    /** The parts of another network of this class, as views of its parameters. */
    final Map<String, Slot> slots(N network) {
        return cut(layout(network), network.params());
    }

    /**
     * A name, a layer's configuration and a parameter count per part, in the order of the parameters.
     *
     * @param network a network, or null for the base
     */
    abstract Map<String, Part> layout(@Nullable N network);

    /**
     * A new, initialised network of the base's configuration.
     *
     * @param replaced layers that take the place of those of the same name
     * @param given its parameters, taken over; null to make new ones
     */
    abstract N build(Map<String, org.deeplearning4j.nn.conf.layers.Layer> replaced, @Nullable INDArray given);

    /** The layers of a network by name. */
    abstract Map<String, Layer> layers(N network);

    /** One forward and backward pass in training mode. */
    abstract void computeGradient(N network, MultiDataSet data);

    /** The base's configuration as JSON. */
    abstract String baseJson();

    /**
     * One part of a network.
     *
     * @param layer null for a vertex that is not a layer
     * @param count number of parameters
     */
    record Part(org.deeplearning4j.nn.conf.layers.@Nullable Layer layer, long count) {}

    private static Map<String, Slot> cut(Map<String, Part> layout, INDArray params) {
        INDArray flat = params.reshape(params.length());
        Map<String, Slot> slots = new LinkedHashMap<>();
        long from = 0;
        for (Map.Entry<String, Part> e : layout.entrySet()) {
            long to = from + e.getValue().count();
            INDArray view = to == from ? null : flat.get(NDArrayIndex.interval(from, to));
            slots.put(e.getKey(), new Slot(e.getKey(), e.getValue().layer(), view));
            from = to;
        }
        return Collections.unmodifiableMap(slots);
    }
}
