package io.lora4j.kernel.vector;

import io.lora4j.kernel.Nd4jOptimizer;
import io.lora4j.kernel.OptimizerKernels;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link OptimizerKernels} with the Vector API, for float32 arrays without gaps on a CPU; everything else goes to {@link Nd4jOptimizer}, whose
 * results are the same up to rounding. Stateless but for each thread's scratch arrays.
 */
public final class VectorOptimizer implements OptimizerKernels {
    private final OptimizerKernels others = Nd4jOptimizer.INSTANCE;

    /** For {@link OptimizerKernels#get()}, which loads this class by name. */
    public VectorOptimizer() {}

    @Override
    public void adam(INDArray gradient, INDArray m, INDArray v, AdamStep step) {
        if (Floats.direct(gradient) && Floats.direct(m) && Floats.direct(v)) {
            new AdamKernel(step).run(Floats.of(gradient), Floats.of(m), Floats.of(v), (int) gradient.length());
        } else {
            others.adam(gradient, m, v, step);
        }
    }

    @Override
    public void decay(INDArray update, INDArray parameters, double factor) {
        // Element by element, so that only the memory's order must be the same.
        boolean rows = Floats.direct(update) && Floats.direct(parameters);
        if (rows || (Floats.columnMajor(update) && Floats.columnMajor(parameters))) {
            DecayKernel.run(Floats.of(update), Floats.of(parameters), (float) factor, (int) update.length());
        } else {
            others.decay(update, parameters, factor);
        }
    }
}
