package io.lora4j.init;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * LoRA with a Gaussian A: A ~ N(0, d^2), B = 0. d = 1/r is PEFT's {@code init_lora_weights="gaussian"} ({@code lora/layer.py},
 * {@code reset_lora_parameters}); a d of one's own is the start that the theory of LoRA's alignment assumes (Zhang et al., arXiv
 * 2502.01235, "LoRA-init"). The network's output is unchanged.
 *
 * <p>A [in, r] is drawn from the context's stream row by row with {@code nextGaussian()}, in float64, then rounded to the weight's
 * type.
 */
public final class GaussianInit implements AdapterInitializer {
    /** The name reports print. */
    public static final String NAME = "gaussian";

    private final @Nullable Double standardDeviation;

    /** PEFT's standard deviation of 1/r. */
    public GaussianInit() {
        this.standardDeviation = null;
    }

    /**
     * A standard deviation that does not depend on the rank.
     *
     * @param standardDeviation d, greater than 0
     * @throws IllegalArgumentException if d is out of range
     */
    public GaussianInit(double standardDeviation) {
        this.standardDeviation = GradientInitializer.positive("the standard deviation", standardDeviation);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsGradient() {
        return false;
    }

    @Override
    public InitialAdapter initialize(InitContext context) {
        Factors.check(context);
        double d = standardDeviation == null ? 1.0 / context.rank() : standardDeviation;
        DataType type = context.weight().dataType();
        INDArray a = Factors.gaussian(context.random(), context.weight().rows(), context.rank(), d)
                .castTo(type);
        return new InitialAdapter(a, Factors.zeroB(context).castTo(type), null, Factors.plainReport(context, NAME, 0));
    }
}
