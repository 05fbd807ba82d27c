package io.lora4j.optim;

import io.lora4j.kernel.OptimizerKernels;
import io.lora4j.kernel.OptimizerKernels.AdamStep;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * The state and the step of {@link AdamW}: two views of DL4J's updater state array, first m, then v, each in the gradient's shape.
 *
 * <p>The step is {@link OptimizerKernels#adam}, which computes a m / (sqrt(v) + e) with a = lr sqrt(1 - beta2^t) / (1 - beta1^t).
 * Torch's form is the same expression with e = epsilon sqrt(1 - beta2^t): numerator and denominator times sqrt(1 - beta2^t).
 * Works in place; not thread-safe, as DL4J's own.
 */
final class AdamWUpdater implements GradientUpdater<AdamW> {
    static final String M_STATE = "M";
    static final String V_STATE = "V";

    private final AdamW config;
    private @Nullable INDArray m;
    private @Nullable INDArray v;

    AdamWUpdater(AdamW config) {
        this.config = config;
    }

    @Override
    public AdamW getConfig() {
        return config;
    }

    @Override
    public void setState(Map<String, INDArray> stateMap, boolean initialize) {
        INDArray newM = stateMap.get(M_STATE);
        INDArray newV = stateMap.get(V_STATE);
        if (newM == null || newV == null || stateMap.size() != 2) {
            throw new IllegalStateException(
                    "AdamW's state has the keys " + M_STATE + " and " + V_STATE + ", not " + stateMap.keySet());
        }
        if (initialize) {
            newM.assign(0);
            newV.assign(0);
        }
        this.m = newM;
        this.v = newV;
    }

    @Override
    public Map<String, INDArray> getState() {
        if (m == null || v == null) {
            throw new IllegalStateException("AdamW has no state yet: call setStateViewArray or setState first");
        }
        return Map.of(M_STATE, m, V_STATE, v);
    }

    @Override
    public void setStateViewArray(INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
        if (initialize) {
            viewArray.assign(0);
        }
        long length = viewArray.length();
        INDArray flat = viewArray.reshape(length);
        this.m = reshaped(flat.get(NDArrayIndex.interval(0, length / 2)), gradientShape, gradientOrder);
        this.v = reshaped(flat.get(NDArrayIndex.interval(length / 2, length)), gradientShape, gradientOrder);
    }

    private static INDArray reshaped(INDArray view, long[] shape, char order) {
        INDArray result = Shape.newShapeNoCopy(view, shape, order == 'f');
        if (result == null) {
            throw new IllegalStateException("the updater state view cannot take the gradient's shape without a copy");
        }
        return result;
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
        if (m == null || v == null) {
            throw new IllegalStateException("AdamW has no state yet: call setStateViewArray or setState first");
        }
        double rate = config.getLearningRate(iteration, epoch);
        double correction = Math.sqrt(1 - Math.pow(config.beta2(), iteration + 1.0));
        double epsilon = config.epsilonMode() == EpsilonMode.TORCH ? config.epsilon() * correction : config.epsilon();
        AdamStep step = new AdamStep(rate, config.beta1(), config.beta2(), epsilon, iteration);
        OptimizerKernels.get().adam(gradient.reshape(v.shape()), m, v, step);
    }
}
