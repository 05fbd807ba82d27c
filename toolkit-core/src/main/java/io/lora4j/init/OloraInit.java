package io.lora4j.init;

import io.lora4j.linalg.LeadingQr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * OLoRA (Buyukakyuz, arXiv 2406.01775; PEFT {@code lora/layer.py}, {@code olora_init}): the adapter starts from the leading
 * part of a QR decomposition of the weight, the frozen weight is shifted so that the network's output is unchanged.
 *
 * <p>With W^T = Q R (W [in, out], Q [out, .] with orthonormal columns, R [., in] upper triangular, signs as LAPACK's):
 *
 * <pre>  B = Q[:, 1..r]^T,   A = R[1..r, :]^T,   W becomes W - s A B</pre>
 *
 * As in PEFT the shift has the factor s although the factors were not divided by it, so for s other than 1 the frozen weight loses s
 * times the QR part. The shift is computed in float64 from A and B as rounded to the weight's type. Deterministic; rows of B are
 * orthonormal also where W has not full rank.
 */
public final class OloraInit implements AdapterInitializer {
    /** The name reports print. */
    public static final String NAME = "olora";

    /** An initialiser without settings. */
    public OloraInit() {}

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
        LeadingQr qr = LeadingQr.of(context.weight().transpose(), context.rank());
        DataType type = context.weight().dataType();
        INDArray a = qr.r().transpose().castTo(type);
        INDArray b = qr.q().transpose().castTo(type);
        LayerInitReport report = Factors.plainReport(context, NAME, Factors.relativeUpdate(context, a, b));
        return new InitialAdapter(a, b, Factors.shift(context, a, b), report);
    }
}
