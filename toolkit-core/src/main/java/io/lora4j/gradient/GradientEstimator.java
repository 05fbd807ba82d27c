package io.lora4j.gradient;

import io.lora4j.adapter.AdaptedNetwork;
import io.lora4j.adapter.FrozenLinearLayer;
import io.lora4j.error.DivergedException;
import io.lora4j.train.RandomStreams;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Accumulates the full-batch gradient of frozen weights: G = (1/n) sum_i dL_i/dW over n sampled examples.
 *
 * <p>Source: LoRA-GA (arXiv 2407.05000, section 3.3) and LoRA-One (arXiv 2502.01235, algorithm 1); their codes run the model in
 * training mode and average batch means, this one weights every example alike. For the duration of {@link #estimate} a listener on
 * each target layer adds x^T delta to that layer's accumulator, so memory does not grow with n and no other gradient is kept. The
 * gradient is taken at the model's present state: its own head, and adapters that must not yet contribute (B = 0). Dropout is what the
 * given graph has: build it with dropout 0 to switch it off.
 *
 * <p>Deterministic for the same model, chunks and streams. The network's parameters are not changed.
 */
public final class GradientEstimator {
    private final DataType accumulation;
    private final RandomStreams streams;

    /**
     * @param accumulation data type of the accumulators, FLOAT or DOUBLE
     * @param streams seeds of the dropout masks (stream {@link RandomStreams#GRADIENT}, one member per chunk)
     */
    public GradientEstimator(DataType accumulation, RandomStreams streams) {
        if (accumulation != DataType.FLOAT && accumulation != DataType.DOUBLE) {
            throw new IllegalArgumentException("accumulate in FLOAT or DOUBLE, not " + accumulation);
        }
        this.accumulation = accumulation;
        this.streams = streams;
    }

    /**
     * Runs forward and backward over all chunks.
     *
     * @param model the network; its listeners are removed again, also after an exception
     * @param layers names of the frozen linear layers wanted; others cost nothing
     * @param chunks minibatches; the loss of each is summed over its examples
     * @return sums over all examples and their number
     * @throws IllegalArgumentException if a layer does not exist or there is no example
     * @throws DivergedException if a gradient is NaN or infinite
     */
    public WeightGradients estimate(AdaptedNetwork model, Set<String> layers, Iterable<? extends MultiDataSet> chunks) {
        Map<String, INDArray> sums = new LinkedHashMap<>();
        List<FrozenLinearLayer> listening = new ArrayList<>();
        long examples = 0;
        try {
            for (String name : layers) {
                FrozenLinearLayer layer = model.linears().get(name);
                if (layer == null) {
                    throw new IllegalArgumentException("no frozen linear layer named " + name);
                }
                INDArray sum = Nd4j.create(accumulation, layer.weight().shape(), 'f');
                sums.put(name, sum);
                layer.setWeightGradientListener(pass -> pass.addTo(sum));
                listening.add(layer);
            }
            int chunk = 0;
            for (MultiDataSet data : chunks) {
                Nd4j.getRandom().setSeed(streams.seedOf(RandomStreams.GRADIENT, chunk++));
                model.computeGradient(data);
                examples += data.getLabels(0).size(0);
            }
        } finally {
            listening.forEach(layer -> layer.setWeightGradientListener(null));
        }
        sums.forEach((name, sum) -> {
            double norm = sum.norm2Number().doubleValue();
            if (!Double.isFinite(norm)) {
                throw new DivergedException(name, 0, "the estimated gradient's norm is " + norm);
            }
        });
        return new WeightGradients(sums, examples);
    }
}
