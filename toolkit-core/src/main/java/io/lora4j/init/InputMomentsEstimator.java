package io.lora4j.init;

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
 * Collects {@link InputMoments} of frozen layers while a network runs over sampled examples.
 *
 * <p>It listens where the gradient estimate listens, at the backward pass, and ignores the gradient there: a backward pass more than
 * needed, and no hook more than there is. Dropout is what the given graph has: build it with dropout 0 to see the inputs of inference,
 * as PEFT does. Memory: one float64 [in, in] matrix per layer, whatever the number of examples (an input of 3,072 takes 75 MB).
 *
 * <p>Deterministic for the same model, chunks and streams. The graph's parameters are not changed.
 */
public final class InputMomentsEstimator {
    private static final String STREAM = "inputs";

    private final RandomStreams streams;

    /**
     * @param streams seeds of the dropout masks (stream {@code inputs}, one member per chunk)
     */
    public InputMomentsEstimator(RandomStreams streams) {
        this.streams = streams;
    }

    /**
     * Runs forward and backward over all chunks.
     *
     * @param model the model; its listeners are removed again, also after an exception
     * @param layers names of the frozen linear layers wanted; others cost nothing
     * @param chunks minibatches
     * @return layer name to moments over all rows of all chunks, in the order of {@code layers}
     * @throws IllegalArgumentException if a layer does not exist or there is no row
     * @throws DivergedException if an input is NaN or infinite
     */
    public Map<String, InputMoments> estimate(
            AdaptedNetwork model, Set<String> layers, Iterable<? extends MultiDataSet> chunks) {
        Map<String, Sums> sums = new LinkedHashMap<>();
        List<FrozenLinearLayer> listening = new ArrayList<>();
        try {
            for (String name : layers) {
                FrozenLinearLayer layer = model.linears().get(name);
                if (layer == null) {
                    throw new IllegalArgumentException("no frozen linear layer named " + name);
                }
                Sums sum = new Sums(layer.weight().size(0));
                sums.put(name, sum);
                layer.setWeightGradientListener(pass -> sum.add(pass.input()));
                listening.add(layer);
            }
            int chunk = 0;
            for (MultiDataSet data : chunks) {
                Nd4j.getRandom().setSeed(streams.seedOf(STREAM, chunk++));
                model.computeGradient(data);
            }
        } finally {
            listening.forEach(layer -> layer.setWeightGradientListener(null));
        }
        Map<String, InputMoments> moments = new LinkedHashMap<>();
        sums.forEach((name, sum) -> moments.put(name, sum.moments(name)));
        return moments;
    }

    private static final class Sums {
        private final INDArray sum;
        private final INDArray squares;
        private long rows;

        Sums(long in) {
            this.sum = Nd4j.zeros(DataType.DOUBLE, in);
            this.squares = Nd4j.create(DataType.DOUBLE, new long[] {in, in}, 'f');
        }

        void add(INDArray input) {
            INDArray x = input.castTo(DataType.DOUBLE);
            sum.addi(x.sum(0));
            Nd4j.gemm(x, x, squares, true, false, 1.0, 1.0);
            rows += x.size(0);
        }

        InputMoments moments(String layer) {
            double trace = squares.norm2Number().doubleValue();
            if (!Double.isFinite(trace)) {
                throw new DivergedException(layer, 0, "the norm of its inputs' second moments is " + trace);
            }
            return new InputMoments(sum, squares, rows);
        }
    }
}
