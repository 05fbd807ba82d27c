package io.lora4j.network;

import io.lora4j.error.DivergedException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Ends DL4J's own {@code fit} at the first loss or gradient that is NaN or infinite, which DL4J itself trains on with.
 *
 * <p>It looks after every backward pass and before the update, so the parameters and the updater's state are still those of the last good
 * step. The cost is one reduction over the trainable parameters' gradient per step; only a step that has gone wrong is computed again, to
 * find the layer. {@link Lora#inject} puts one into every network it returns. DL4J's {@code setListeners} replaces it: use {@code
 * addListeners}, or add one yourself:
 *
 * <pre>{@code network.setListeners(new NonFiniteGuard(), new ScoreIterationListener(10));}</pre>
 *
 * <p>It works on any network, adapted or not, and keeps no state.
 */
public final class NonFiniteGuard extends BaseTrainingListener {
    /** A guard; one may serve several networks. */
    public NonFiniteGuard() {
        // Nothing to set up.
    }

    /**
     * Checks loss and gradient.
     *
     * @param model the network, after its backward pass
     * @throws DivergedException if one of them is NaN or infinite; names the first layer whose output or parameters are, else the first
     *     whose gradient is, and the step counted from 1
     */
    @Override
    public void onGradientCalculation(Model model) {
        double loss = model.score();
        INDArray flat = model.gradient() == null ? null : model.gradient().gradient();
        double norm = flat == null || flat.isEmpty() ? 0 : flat.norm2Number().doubleValue();
        if (Double.isFinite(loss) && Double.isFinite(norm)) {
            return;
        }
        String what = Double.isFinite(loss) ? "the gradient's norm is " + norm : "the loss is " + loss;
        if (model instanceof MultiLayerNetwork network) {
            throw diverged(network, what);
        }
        if (model instanceof ComputationGraph graph) {
            throw diverged(graph, what);
        }
        throw new DivergedException("(unknown)", 0, what);
    }

    private static DivergedException diverged(MultiLayerNetwork network, String what) {
        long step = network.getIterationCount() + 1L;
        Map<String, INDArray> activations = new LinkedHashMap<>();
        Map<String, Layer> layers = new LinkedHashMap<>();
        INDArray input = network.getInput();
        List<INDArray> outputs = network.feedForward(false);
        for (int i = 0; i < network.getnLayers(); i++) {
            String name = network.getLayer(i).conf().getLayer().getLayerName();
            activations.put(name, outputs.get(i + 1));
            layers.put(name, network.getLayer(i));
        }
        String cause = isNonFinite(input) ? what + "; the network's input has NaN or infinite values" : what;
        return diverged(activations, layers, network, step, cause);
    }

    private static DivergedException diverged(ComputationGraph graph, String what) {
        long step = graph.getConfiguration().getIterationCount() + 1L;
        String cause = what;
        List<String> inputs = graph.getConfiguration().getNetworkInputs();
        for (int i = 0; i < inputs.size(); i++) {
            if (isNonFinite(graph.getInput(i))) {
                cause = what + "; the network's input " + inputs.get(i) + " has NaN or infinite values";
                break;
            }
        }
        Map<String, INDArray> computed = graph.feedForward(false);
        Map<String, INDArray> activations = new LinkedHashMap<>();
        Map<String, Layer> layers = new LinkedHashMap<>();
        for (int index : graph.topologicalSortOrder()) {
            String name = graph.getVertices()[index].getVertexName();
            if (!inputs.contains(name)) {
                activations.put(name, computed.get(name));
                layers.put(name, graph.getVertices()[index].getLayer());
            }
        }
        return diverged(activations, layers, graph, step, cause);
    }

    private static DivergedException diverged(
            Map<String, @Nullable INDArray> activations,
            Map<String, @Nullable Layer> layers,
            Model model,
            long step,
            String what) {
        String last = "(none found)";
        for (Map.Entry<String, @Nullable INDArray> e : activations.entrySet()) {
            last = e.getKey();
            if (isNonFinite(e.getValue()) || hasNonFiniteParameter(layers.get(last))) {
                return new DivergedException(last, step, what);
            }
        }
        for (Map.Entry<String, INDArray> e :
                model.gradient().gradientForVariable().entrySet()) {
            if (isNonFinite(e.getValue())) {
                return new DivergedException(layerOf(e.getKey(), layers), step, what);
            }
        }
        // Every output and gradient is finite: the loss itself overflowed.
        return new DivergedException(last, step, what);
    }

    /** DL4J's keys are the layer's index or the vertex's name, an underscore, and the parameter's name. */
    private static String layerOf(String key, Map<String, @Nullable Layer> layers) {
        String owner = key.substring(0, key.lastIndexOf('_'));
        if (layers.containsKey(owner)) {
            return owner;
        }
        Collection<String> names = layers.keySet();
        return owner.matches("\\d+") && Integer.parseInt(owner) < names.size()
                ? List.copyOf(names).get(Integer.parseInt(owner))
                : owner;
    }

    private static boolean hasNonFiniteParameter(@Nullable Layer layer) {
        return layer != null
                && layer.numParams() > 0
                && layer.paramTable(false).values().stream().anyMatch(NonFiniteGuard::isNonFinite);
    }

    private static boolean isNonFinite(@Nullable INDArray array) {
        return array != null
                && array.dataType().isFPType()
                && !Double.isFinite(array.norm1Number().doubleValue());
    }
}
