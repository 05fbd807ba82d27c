package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Central differences in float64 against the analytic gradient, at places spread over all trainable parameters.
 *
 * <p>DoRA's backward pass holds the norms of W + s A B constant (arXiv 2402.09353, section 4.3), so that its gradient is not that of the
 * loss. The numeric side does the same: where a changed factor changes the norms, the magnitude is scaled by new over old norm, so that
 * magnitude over norm stays what it was. What is compared is then exact.
 */
final class GradientCheck {
    private static final int PLACES = 24;
    private static final double STEP = 1e-6;

    private final ComputationGraph graph;
    private final MultiDataSet data;
    private final @Nullable AdaptedModel dora;

    GradientCheck(ComputationGraph graph, MultiDataSet data, @Nullable AdaptedModel dora) {
        this.graph = graph;
        this.data = data;
        this.dora = dora;
    }

    void run(String what) {
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.computeGradientAndScore();
        // DL4J's gradient is the sum over the examples, its score the mean.
        INDArray analytic = graph.gradient()
                .gradient()
                .div(data.getLabels(0).size(0))
                .reshape(graph.params().length());
        INDArray parameters = graph.params().reshape(graph.params().length());
        Map<String, INDArray> norms = norms();
        long stride = Math.max(1, parameters.length() / PLACES);
        int moving = 0;
        for (long i = stride / 2; i < parameters.length(); i += stride) {
            double value = parameters.getDouble(i);
            double up = lossAt(parameters, i, value + STEP, norms);
            double down = lossAt(parameters, i, value - STEP, norms);
            parameters.putScalar(i, value);
            double numeric = (up - down) / (2 * STEP);
            double expected = analytic.getDouble(i);
            moving += Math.abs(expected) > 1e-6 ? 1 : 0;
            assertEquals(expected, numeric, 1e-8 + 1e-5 * Math.abs(expected), what + ", parameter " + i);
        }
        assertTrue(moving > 5, what + ": only " + moving + " of the gradients looked at are not zero");
    }

    private double lossAt(INDArray parameters, long index, double value, Map<String, INDArray> norms) {
        parameters.putScalar(index, value);
        if (dora == null) {
            return graph.score(data, false);
        }
        Map<String, INDArray> magnitudes = new LinkedHashMap<>();
        norms().forEach((name, now) -> {
            INDArray magnitude = dora.adapters().get(name).loraMagnitude();
            magnitudes.put(name, magnitude.dup());
            magnitude.muli(now.div(norms.get(name)).reshape(magnitude.shape()));
        });
        double loss = graph.score(data, false);
        magnitudes.forEach(
                (name, before) -> dora.adapters().get(name).loraMagnitude().assign(before));
        return loss;
    }

    /** Norms of the columns of W + s A B, layer by layer. */
    private Map<String, INDArray> norms() {
        Map<String, INDArray> norms = new LinkedHashMap<>();
        if (dora != null) {
            dora.adapters().forEach((name, layer) -> {
                INDArray v =
                        layer.loraA().mmul(layer.loraB()).muli(layer.config().scale());
                norms.put(name, v.addi(layer.weight()).norm2(0));
            });
        }
        return norms;
    }
}
