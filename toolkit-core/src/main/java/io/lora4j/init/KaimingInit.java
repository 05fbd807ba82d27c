package io.lora4j.init;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Plain LoRA: A ~ U(-1/sqrt(in), 1/sqrt(in)), B = 0 (Hu et al., arXiv 2106.09685; PEFT {@code lora/layer.py}, which draws A by
 * {@code kaiming_uniform_(a=sqrt(5))}: bound sqrt(6 / ((1 + 5) in))). The network's output is unchanged.
 *
 * <p>A [in, r] is drawn from the context's stream row by row, (0,0), (0,1), ..., each as (2u - 1)/sqrt(in) with u = nextDouble(),
 * in float64, then rounded to the weight's type.
 */
public final class KaimingInit implements AdapterInitializer {
    /** The name reports print. */
    public static final String NAME = "kaiming";

    /** An initialiser without settings. */
    public KaimingInit() {}

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
        DataType type = context.weight().dataType();
        INDArray a = Factors.kaimingA(context).castTo(type);
        INDArray b = Factors.zeroB(context).castTo(type);
        return new InitialAdapter(a, b, null, Factors.plainReport(context, NAME, 0));
    }
}
