package io.lora4j.adapter;

import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * An initialised graph together with the frozen weights it is bound to: the one owner of that bond.
 *
 * <p>DL4J's {@code clone()} and restore lose bound arrays; {@link #copy()} and the constructor bind them again. The gradient of the embeddings'
 * output, which nothing reads while they are frozen, is not computed. The base weights are
 * shared; a weight that an initialiser shifts ({@link #shiftWeight}) is replaced by a private array of this model. Not thread-safe.
 */
public final class AdaptedModel implements AdaptedNetwork {
    private final ComputationGraph graph;
    private final Map<String, FrozenLinearLayer> linears;
    private FrozenWeights weights;

    /**
     * Binds a graph.
     *
     * @param graph an initialised graph; owned by this model from now on
     * @param weights the frozen arrays; shared
     * @throws IllegalArgumentException if an array is missing or does not fit
     */
    public AdaptedModel(ComputationGraph graph, FrozenWeights weights) {
        this.graph = graph;
        this.weights = weights;
        Map<String, FrozenLinearLayer> found = new LinkedHashMap<>();
        for (GraphVertex vertex : graph.getVertices()) {
            if (vertex.hasLayer() && vertex.getLayer() instanceof FrozenLinearLayer layer) {
                found.put(vertex.getVertexName(), layer);
            }
        }
        this.linears = Collections.unmodifiableMap(found);
        weights.bindTo(graph);
        NeededGradients.tell(graph);
    }

    /**
     * Builds, initialises and binds a graph.
     *
     * @param configuration with or without adapters
     * @param weights the frozen arrays; shared
     * @return a new model
     */
    public static AdaptedModel of(ComputationGraphConfiguration configuration, FrozenWeights weights) {
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        return new AdaptedModel(graph, weights);
    }

    /**
     * The graph.
     *
     * @return the graph itself; train it, but do not re-initialise it
     */
    public ComputationGraph graph() {
        return graph;
    }

    /**
     * The frozen arrays as they are bound now, with the shifts of this model.
     *
     * @return shared arrays; must not be written
     */
    public FrozenWeights weights() {
        return weights;
    }

    @Override
    public Map<String, FrozenLinearLayer> linears() {
        return linears;
    }

    /**
     * Number of trainable scalars: all of DL4J's parameter table, since frozen arrays are outside it.
     *
     * @return adapters and head
     */
    public long trainableParameters() {
        // Not numParams(): it leaves out vertices that are no layers.
        return graph.params().length();
    }

    @Override
    public void shiftWeight(String layer, INDArray shift) {
        FrozenLinearLayer linear = linears.get(layer);
        if (linear == null) {
            throw new IllegalArgumentException("no frozen linear layer named " + layer);
        }
        INDArray shifted = linear.weight().add(shift.castTo(linear.weight().dataType()));
        weights = weights.with(Map.of(layer + "." + FrozenLinear.WEIGHT, shifted));
        linear.bindFrozen(weights);
    }

    @Override
    public void computeGradient(MultiDataSet data) {
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.setLayerMaskArrays(data.getFeaturesMaskArrays(), data.getLabelsMaskArrays());
        graph.computeGradientAndScore();
        graph.clearLayerMaskArrays();
    }

    /**
     * Twins of the graph that share its parameters and the frozen arrays as they are bound now.
     *
     * @param cost what the examples of a batch cost
     * @param threads number of parts that a batch is cut into
     * @return the twins; to be closed
     */
    public GraphTwins twins(ExampleCost cost, int threads) {
        return GraphTwins.of(graph, twin -> new AdaptedModel(twin, weights), cost, threads);
    }

    /**
     * A model with its own copy of the trainable parameters, bound to the same frozen arrays.
     *
     * @return a new model
     */
    public AdaptedModel copy() {
        return new AdaptedModel(graph.clone(), weights);
    }
}
