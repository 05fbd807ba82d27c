package io.lora4j.init;

import io.lora4j.linalg.Accuracy;
import io.lora4j.linalg.Svd;
import io.lora4j.linalg.TruncatedSvd;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * EVA (Paischer et al., "Parameter Efficient Fine-tuning via Explained Variance Adaptation", arXiv 2410.07170; PEFT
 * {@code lora/eva.py}): A looks where the layer's inputs vary most, B is zero.
 *
 * <p>With V [in, r] the leading right singular vectors of the layer's inputs X [n, in] about their mean, that is the leading eigenvectors
 * of their covariance:
 *
 * <pre>  A = V,   B = 0</pre>
 *
 * so the network's output is unchanged and the frozen weight is left alone. PEFT finds V by incremental principal component analysis over
 * batches until it settles; here it comes from the exact covariance of all sampled rows. The sign rule of {@link Svd} applies to V.
 *
 * <p><b>Left out:</b> EVA's second half, the redistribution of ranks between layers by explained variance (PEFT's {@code rho} above 1),
 * and whitening. Every layer keeps the configured rank, which is EVA at {@code rho} = 1, PEFT's {@code whiten=False}.
 *
 * <p>Directions in which the sampled rows do not vary (eigenvalue below 1e-12 of the largest: singular values below 1e-6) are arbitrary;
 * they get a Kaiming column of A instead, drawn in ascending order, and the report counts them as dead pairs. Inputs that are not there
 * to be looked at (all rows equal) give the plain LoRA start.
 */
public final class EvaInit implements AdapterInitializer {
    /** The name reports print. */
    public static final String NAME = "eva";

    /** An initialiser without settings. */
    public EvaInit() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsGradient() {
        return false;
    }

    @Override
    public boolean needsInputs() {
        return true;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException also if the moments of the inputs are missing or of another size
     */
    @Override
    public InitialAdapter initialize(InitContext context) {
        Factors.check(context);
        InputMoments inputs = context.inputs();
        long in = context.weight().size(0);
        if (inputs == null || inputs.sum().length() != in) {
            throw new IllegalArgumentException("layer " + context.layer() + ": initialiser " + NAME
                    + " needs the moments of its " + in + " inputs");
        }
        Svd variance = TruncatedSvd.of(inputs.covariance(), context.rank(), Accuracy.PRECISE);
        int alive = variance.countAbove(Factors.DEAD * Factors.DEAD);
        INDArray a = Nd4j.create(DataType.DOUBLE, in, context.rank());
        for (int i = 0; i < context.rank(); i++) {
            a.putColumn(
                    i,
                    i < alive
                            ? variance.u().getColumn(i)
                            : Nd4j.createFromArray(Factors.kaiming(context.random(), (int) in, (int) in)));
        }
        DataType type = context.weight().dataType();
        return new InitialAdapter(
                a.castTo(type), Factors.zeroB(context).castTo(type), null, report(context, context.rank() - alive));
    }

    private static LayerInitReport report(InitContext context, int dead) {
        @Nullable
        String note = dead == 0
                ? null
                : dead + " of " + context.rank() + " pairs beyond the inputs' rank start as plain LoRA";
        return new LayerInitReport(context.layer(), NAME, context.rank(), null, null, null, 0, null, dead, note);
    }
}
