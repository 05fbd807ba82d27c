package io.lora4j.optim;

import io.lora4j.train.UpdateRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A rule that steps the factors itself and leaves every other trainable parameter to another rule.
 *
 * <p>The other rule runs first, over factor gradients of zero, and whatever it does to the factors is taken back. Its updaters keep state
 * for the factors that is never used. Rates and decoupled weight decay come from the factors' own settings.
 */
abstract class OwnFactorStep implements UpdateRule {
    /** Before the names of the other rule's arrays. */
    private static final String OTHERS = "others/";

    private final UpdateRule others;
    private final double beta1;
    private final double beta2;
    private final Map<String, Moments> moments = new HashMap<>();

    /**
     * @param others what is done with parameters that are no factors
     * @param beta1 decay of the averages of g, in [0, 1)
     * @param beta2 decay of the averages of g^2, in [0, 1)
     */
    OwnFactorStep(UpdateRule others, double beta1, double beta2) {
        this.others = others;
        this.beta1 = AdamW.inUnitInterval("beta1", beta1);
        this.beta2 = AdamW.inUnitInterval("beta2", beta2);
    }

    /** A pair with copies of its factors and gradients from before the step. */
    private record Before(FactorPair pair, INDArray a, INDArray b, INDArray gradA, INDArray gradB) {
        static Before of(FactorPair pair) {
            return new Before(
                    pair,
                    pair.a().dup(),
                    pair.b().dup(),
                    pair.gradA().dup(),
                    pair.gradB().dup());
        }
    }

    @Override
    public final void apply(ComputationGraph graph, long step, int epoch) {
        List<Before> all = new ArrayList<>();
        for (FactorPair pair : FactorPair.of(graph)) {
            all.add(Before.of(pair));
            pair.gradA().assign(0);
            pair.gradB().assign(0);
        }
        others.apply(graph, step, epoch);
        for (Before before : all) {
            before.pair().a().assign(before.a());
            before.pair().b().assign(before.b());
            stepFactors(before.pair(), before.gradA(), before.gradB(), step, epoch);
        }
    }

    /**
     * Changes the factors of one pair.
     *
     * @param pair its factors are written; its gradient views are not to be looked at
     * @param gradA dL/dA, a copy that may be overwritten
     * @param gradB dL/dB, a copy that may be overwritten
     * @param step optimiser step, counted from 0
     * @param epoch counted from 0
     */
    abstract void stepFactors(FactorPair pair, INDArray gradA, INDArray gradB, long step, int epoch);

    /** The averages under a name of the rule's own, of an array of this shape and type; at zero when they are asked for first. */
    final Moments average(String name, INDArray like) {
        return moments.computeIfAbsent(name, first -> new Moments(like, beta1, beta2));
    }

    @Override
    public final Map<String, INDArray> state() {
        Map<String, INDArray> state = new LinkedHashMap<>();
        moments.forEach((key, average) -> average.putInto(state, key));
        others.state().forEach((key, array) -> state.put(OTHERS + key, array));
        return state;
    }

    @Override
    public final void restore(Map<String, INDArray> state) {
        Map<String, INDArray> own = new LinkedHashMap<>();
        Map<String, INDArray> rest = new LinkedHashMap<>();
        state.forEach((key, array) -> {
            if (key.startsWith(OTHERS)) {
                rest.put(key.substring(OTHERS.length()), array);
            } else {
                own.put(key, array);
            }
        });
        others.restore(rest);
        moments.clear();
        moments.putAll(Moments.of(own, beta1, beta2));
    }
}
