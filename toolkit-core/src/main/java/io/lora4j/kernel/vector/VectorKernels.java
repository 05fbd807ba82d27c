package io.lora4j.kernel.vector;

import io.lora4j.kernel.Dropout;
import io.lora4j.kernel.EncoderKernels;
import io.lora4j.kernel.Nd4jKernels;
import io.lora4j.kernel.PackedLayout;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link EncoderKernels} with the Vector API on the arrays' memory, for float32 arrays without gaps on a CPU. Everything else (float64, views
 * with gaps) goes to {@link Nd4jKernels}, whose results are the same up to rounding.
 *
 * <p>GELU is exact to 2e-7 of max(1, |x|); sums of a row are float32. Stateless but for each thread's scratch arrays, which grow to about 8 T^2
 * bytes for sequences of T tokens. Deterministic: parts do not depend on timing.
 */
public final class VectorKernels implements EncoderKernels {
    private final EncoderKernels others = Nd4jKernels.INSTANCE;

    /** For {@link EncoderKernels#get()}, which loads this class by name. */
    public VectorKernels() {}

    private static boolean direct(@Nullable INDArray... arrays) {
        return Stream.of(arrays).filter(Objects::nonNull).allMatch(Floats::direct);
    }

    @Override
    public void gelu(INDArray x, INDArray out, @Nullable INDArray derivative) {
        if (direct(x, out, derivative)) {
            GeluKernel.forward(
                    Floats.of(x), Floats.of(out), derivative == null ? null : Floats.of(derivative), (int) x.length());
        } else {
            others.gelu(x, out, derivative);
        }
    }

    @Override
    public void geluBackward(INDArray dy, INDArray derivative, INDArray dx) {
        if (direct(dy, derivative, dx)) {
            GeluKernel.backward(Floats.of(dy), Floats.of(derivative), Floats.of(dx), (int) dy.length());
        } else {
            others.geluBackward(dy, derivative, dx);
        }
    }

    @Override
    public void layerNorm(
            INDArray x,
            @Nullable INDArray residual,
            INDArray weight,
            INDArray bias,
            double epsilon,
            INDArray out,
            @Nullable Normalized saved) {
        INDArray n = saved == null ? null : saved.rows();
        INDArray inverse = saved == null ? null : saved.inverseStd();
        if (!direct(x, residual, weight, bias, out, n, inverse)) {
            others.layerNorm(x, residual, weight, bias, epsilon, out, saved);
            return;
        }
        new LayerNormKernel((int) x.size(1), Floats.of(weight), Floats.of(bias))
                .forward(
                        Floats.of(x),
                        residual == null ? null : Floats.of(residual),
                        epsilon,
                        Floats.of(out),
                        n == null ? null : Floats.of(n),
                        inverse == null ? null : Floats.of(inverse),
                        (int) x.size(0));
    }

    @Override
    public void layerNormBackward(INDArray dy, INDArray weight, Normalized saved, INDArray du) {
        if (direct(dy, weight, saved.rows(), saved.inverseStd(), du)) {
            new LayerNormKernel((int) dy.size(1), Floats.of(weight), null)
                    .backward(
                            Floats.of(dy), Floats.of(saved.rows()), Floats.of(saved.inverseStd()), Floats.of(du), (int)
                                    dy.size(0));
        } else {
            others.layerNormBackward(dy, weight, saved, du);
        }
    }

    @Override
    public void layerNormParameterGradients(INDArray dy, Normalized saved, INDArray dWeight, INDArray dBias) {
        others.layerNormParameterGradients(dy, saved, dWeight, dBias);
    }

    /** Whether attention can be computed here. */
    private static boolean direct(Attention input, INDArray... arrays) {
        return direct(input.query(), input.key(), input.value()) && direct(arrays);
    }

    @Override
    public void attention(Attention input, INDArray out, INDArray statistics) {
        if (direct(input, out, statistics)) {
            new AttentionKernel(input, statistics).forward(Floats.of(out));
        } else {
            others.attention(input, out, statistics);
        }
    }

    @Override
    public void attentionBackward(
            Attention input, INDArray statistics, INDArray dOut, INDArray dQuery, INDArray dKey, INDArray dValue) {
        // A gradient may have gaps.
        INDArray gradient = Floats.direct(dOut) ? dOut : dOut.dup('c');
        if (direct(input, gradient, statistics, dQuery, dKey, dValue)) {
            new AttentionKernel(input, statistics)
                    .backward(Floats.of(gradient), Floats.of(dQuery), Floats.of(dKey), Floats.of(dValue));
        } else {
            others.attentionBackward(input, statistics, gradient, dQuery, dKey, dValue);
        }
    }

    @Override
    public void dropout(Dropout mask, INDArray x, INDArray out) {
        if (direct(x, out)) {
            DropoutKernel.run(mask, Floats.of(x), Floats.of(out), (int) x.length());
        } else {
            others.dropout(mask, x, out);
        }
    }

    @Override
    public void embed(EmbeddingTables tables, int[] words, int[] positions, int[] types, INDArray out) {
        others.embed(tables, words, positions, types, out);
    }

    @Override
    public void embedBackward(INDArray dOut, int[] words, int[] positions, int[] types, EmbeddingTables gradients) {
        others.embedBackward(dOut, words, positions, types, gradients);
    }

    @Override
    public void gatherRows(INDArray source, int[] indices, INDArray out) {
        others.gatherRows(source, indices, out);
    }

    @Override
    public void meanRows(INDArray rows, PackedLayout layout, INDArray out) {
        if (direct(rows, out)) {
            SequenceMeanKernel.run(Floats.of(rows), layout, (int) rows.size(1), Floats.of(out));
        } else {
            others.meanRows(rows, layout, out);
        }
    }

    @Override
    public void columnSums(INDArray rows, INDArray out) {
        others.columnSums(rows, out);
    }

    @Override
    public void softmax(INDArray x, INDArray out) {
        others.softmax(x, out);
    }

    @Override
    public String toString() {
        return "vector, " + Lanes.COUNT + " floats wide";
    }
}
