package io.lora4j.models.encoder;

import static org.deeplearning4j.nn.params.DefaultParamInitializer.BIAS_KEY;
import static org.deeplearning4j.nn.params.DefaultParamInitializer.WEIGHT_KEY;

import io.lora4j.adapter.FrozenWeights;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The trainable encoder's parameters under their checkpoint names: the way of pre-trained weights into a graph of {@link
 * EncoderGraph#trainableClassifier}, and of fine-tuned ones out of it.
 *
 * <p>Names and shapes are those of {@link FrozenWeights}: linear weights [in, out]. The classifier's layer is not among them: like the
 * head of every other method it starts from its own seed, and is read by {@code graph.getParam("classifier_W")}. Stateless.
 */
public final class TrainableWeights {
    private TrainableWeights() {}

    /**
     * The encoder's parameters themselves.
     *
     * @param graph an initialised graph
     * @return checkpoint name to a view of the graph's parameter vector, in the graph's order: writing it changes the network. Empty if
     *     the encoder is frozen
     */
    public static Map<String, INDArray> views(ComputationGraph graph) {
        Map<String, INDArray> views = new LinkedHashMap<>();
        for (GraphVertex vertex : graph.getVertices()) {
            String name = vertex.getVertexName();
            if (vertex.hasLayer() && vertex.getLayer() instanceof TrainableLinearLayer layer) {
                views.put(name + ".weight", layer.getParam(WEIGHT_KEY));
                INDArray bias = layer.getParam(BIAS_KEY);
                views.put(name + ".bias", bias.reshape(bias.length()));
            } else if (vertex instanceof EncoderVertex encoder) {
                views.putAll(encoder.parametersByTensorName());
            }
        }
        return Collections.unmodifiableMap(views);
    }

    /**
     * Copies pre-trained weights into the graph's parameter vector. Call it after {@code init()}; clones and restored graphs have their
     * weights already.
     *
     * @param graph an initialised graph of {@link EncoderGraph#trainableClassifier}; nothing is changed if an exception is thrown
     * @param weights the arrays, converted to the graph's data type; only read, and not needed any more afterwards
     * @throws IllegalArgumentException if the graph has no trainable encoder, or an array is missing or has the wrong shape; the
     *     message names it
     */
    public static void copyInto(ComputationGraph graph, FrozenWeights weights) {
        Map<String, INDArray> views = views(graph);
        if (views.isEmpty()) {
            throw new IllegalArgumentException("the graph has no trainable encoder: build it with"
                    + " EncoderGraph.trainableClassifier, or bind a frozen one with FrozenWeights.bindTo");
        }
        views.forEach((name, view) -> {
            INDArray array = weights.get(name);
            if (!Arrays.equals(array.shape(), view.shape())) {
                throw new IllegalArgumentException("array " + name + " has the shape " + Arrays.toString(array.shape())
                        + ", the network needs " + Arrays.toString(view.shape()));
            }
        });
        views.forEach((name, view) -> view.assign(weights.get(name)));
    }

    /**
     * Copies the encoder's present weights, e.g. to write a checkpoint or to go on with adapters over the fine-tuned weights.
     *
     * @param graph an initialised graph
     * @return new arrays of the graph's data type, independent of its further training
     */
    public static FrozenWeights copyOf(ComputationGraph graph) {
        Map<String, INDArray> copies = new LinkedHashMap<>();
        views(graph).forEach((name, view) -> copies.put(name, view.dup(view.ordering())));
        return new FrozenWeights(copies);
    }
}
