package io.lora4j.gradient;

import io.lora4j.adapter.AdaptedNetwork;
import io.lora4j.adapter.FrozenLinearLayer;
import io.lora4j.error.DivergedException;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.train.RandomStreams;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.jspecify.annotations.Nullable;
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
 * <p>Deterministic for the same model, chunks, streams and number of threads. The network's parameters are not changed.
 */
public final class GradientEstimator {
    private final DataType accumulation;
    private final RandomStreams streams;

    /**
     * @param accumulation data type of the accumulators, FLOAT or DOUBLE
     * @param streams seeds of the dropout masks (stream {@link RandomStreams#GRADIENT}, one member per chunk, and a stream more for every twin)
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
        try (Listening listening = new Listening(layers)) {
            listening.to(model.linears()::get, (name, add) -> add.run());
            return sum(listening, chunks, (data, chunk) -> {
                Nd4j.getRandom().setSeed(masks(streams, chunk).applyAsLong(0));
                model.computeGradient(data);
            });
        }
    }

    /**
     * The same, with the examples of every chunk computed by several threads at once. All twins add to the same accumulators, part after part,
     * so there is one set of them however many threads there are, and the result is the same to the last bit for the same number
     * of threads.
     *
     * @param twins of a model whose graph has frozen linear layers; the listeners of all graphs are removed again, also after an exception
     * @param layers names of the frozen linear layers wanted; others cost nothing
     * @param chunks minibatches; the loss of each is summed over its examples
     * @return sums over all examples and their number
     * @throws IllegalArgumentException if a layer does not exist or there is no example
     * @throws DivergedException if a gradient is NaN or infinite
     */
    public WeightGradients estimate(GraphTwins twins, Set<String> layers, Iterable<? extends MultiDataSet> chunks) {
        try (Listening listening = new Listening(layers)) {
            List<ComputationGraph> graphs = twins.graphs();
            for (int i = 0; i < graphs.size(); i++) {
                int part = i;
                listening.to(name -> linear(graphs.get(part), name), (name, add) -> twins.inOrder(part, name, add));
            }
            return sum(listening, chunks, (data, chunk) -> twins.computeGradient(data, masks(streams, chunk)));
        }
    }

    /**
     * The seeds of a chunk's dropout masks, for who wants the loss whose gradient this is.
     *
     * @param streams the run's random streams
     * @param chunk index of the chunk
     * @return the seed of every part; a chunk that is not cut is part 0
     */
    public static IntToLongFunction masks(RandomStreams streams, long chunk) {
        return part -> streams.seedOf(part == 0 ? RandomStreams.GRADIENT : RandomStreams.GRADIENT + part, chunk);
    }

    private static @Nullable FrozenLinearLayer linear(ComputationGraph graph, String name) {
        GraphVertex vertex = graph.getVertex(name);
        return vertex != null && vertex.hasLayer() && vertex.getLayer() instanceof FrozenLinearLayer layer
                ? layer
                : null;
    }

    private interface Pass {
        void over(MultiDataSet data, long chunk);
    }

    private static WeightGradients sum(Listening listening, Iterable<? extends MultiDataSet> chunks, Pass pass) {
        long examples = 0;
        long chunk = 0;
        for (MultiDataSet data : chunks) {
            pass.over(data, chunk++);
            examples += data.getLabels(0).size(0);
        }
        listening.sums.forEach((name, sum) -> {
            double norm = sum.norm2Number().doubleValue();
            if (!Double.isFinite(norm)) {
                throw new DivergedException(name, 0, "the estimated gradient's norm is " + norm);
            }
        });
        return new WeightGradients(listening.sums, examples);
    }

    /** The accumulators, and the layers whose listeners add to them. */
    private final class Listening implements AutoCloseable {
        private final Set<String> names;
        private final Map<String, INDArray> sums = new LinkedHashMap<>();
        private final List<FrozenLinearLayer> layers = new ArrayList<>();

        Listening(Set<String> names) {
            this.names = names;
        }

        /** Listens to one network; an accumulator is shared by the layers of its name in all of them. */
        void to(Function<String, @Nullable FrozenLinearLayer> network, BiConsumer<String, Runnable> when) {
            for (String name : names) {
                FrozenLinearLayer layer = network.apply(name);
                if (layer == null) {
                    throw new IllegalArgumentException("no frozen linear layer named " + name);
                }
                long[] shape = layer.weight().shape();
                INDArray sum = sums.computeIfAbsent(name, none -> Nd4j.create(accumulation, shape, 'f'));
                layer.setWeightGradientListener(pass -> when.accept(name, () -> pass.addTo(sum)));
                layers.add(layer);
            }
        }

        @Override
        public void close() {
            layers.forEach(layer -> layer.setWeightGradientListener(null));
        }
    }
}
