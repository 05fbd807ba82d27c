package io.lora4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;

/** {@link OptimizerKernels} as ND4J's own operations: every backend, every data type. Stateless and thread-safe. */
public final class Nd4jOptimizer implements OptimizerKernels {
    /** The only instance that is needed. */
    public static final Nd4jOptimizer INSTANCE = new Nd4jOptimizer();

    private Nd4jOptimizer() {}

    @Override
    public void adam(INDArray gradient, INDArray m, INDArray v, AdamStep step) {
        // The operation takes a rate of 0 for a missing one: step with any other rate, then take the step away.
        double rate = step.rate() == 0 ? 1 : step.rate();
        Nd4j.exec(new AdamUpdater(gradient, v, m, rate, step.beta1(), step.beta2(), step.epsilon(), step.iteration()));
        if (step.rate() == 0) {
            gradient.assign(0);
        }
    }

    @Override
    public void decay(INDArray update, INDArray parameters, double factor) {
        Nd4j.exec(new Axpy(parameters, update, update, factor));
    }
}
