package io.lora4j.init;

import io.lora4j.linalg.Accuracy;
import io.lora4j.linalg.Svd;
import io.lora4j.linalg.TruncatedSvd;
import java.util.function.IntToDoubleFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * PiSSA (Meng, Wang and Zhang, NeurIPS 2024, arXiv 2404.02948, section 3; PEFT {@code lora/layer.py}, {@code pissa_init}): the
 * adapter takes the principal part of the weight, the frozen weight keeps the residual.
 *
 * <p>With W = L diag(sigma) R^T (L [in, r], R [out, r], W [in, out]):
 *
 * <pre>  A = L diag(sqrt(sigma / s)),   B = diag(sqrt(sigma / s)) R^T,   W becomes W - s A B</pre>
 *
 * so the network's output is unchanged and s A B is the best rank-r approximation of W. The shift is computed in float64 from A and B as
 * rounded to the weight's type. Singular values that are zero (sigma_i / sigma_1 below 1e-6, or W = 0) give pairs that could never
 * train: they get the plain LoRA start, and the report counts them as dead. Deterministic but for those.
 */
public final class PissaInit implements AdapterInitializer {
    /** The name reports print. */
    public static final String NAME = "pissa";

    /** An initialiser without settings. */
    public PissaInit() {}

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
        // Transposed, so that the sign rule looks at the output side, as in PEFT's orientation.
        Svd svd = TruncatedSvd.of(context.weight().transpose(), context.rank(), Accuracy.PRECISE);
        IntToDoubleFunction root = i -> Math.sqrt(svd.s()[i] / context.scaling());
        SingularPairs pairs =
                SingularPairs.of(context, svd, IndexPairs.leading(context.rank()), root, root, Refill.KAIMING);
        DataType type = context.weight().dataType();
        INDArray a = pairs.a().castTo(type);
        INDArray b = pairs.b().castTo(type);
        LayerInitReport report = new LayerInitReport(
                context.layer(),
                NAME,
                context.rank(),
                null,
                null,
                null,
                Factors.relativeUpdate(context, a, b),
                null,
                pairs.dead(),
                pairs.note(context.rank(), "weight", Refill.KAIMING));
        return new InitialAdapter(a, b, Factors.shift(context, a, b), report);
    }
}
