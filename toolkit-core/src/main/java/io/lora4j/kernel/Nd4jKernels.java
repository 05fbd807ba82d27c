package io.lora4j.kernel;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastAddOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.api.ops.impl.reduce.floating.SquaredNorm;
import org.nd4j.linalg.api.ops.impl.reduce.same.Max;
import org.nd4j.linalg.api.ops.impl.transforms.same.Square;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * {@link EncoderKernels} composed of ND4J operations: runs on every backend, float32 and float64.
 *
 * <p>Compositions were chosen by time on a CPU: in-place element-wise operations on the caller's results in place of ND4J's own
 * {@code PreciseGELU}, {@code layer_norm}, {@code layer_norm_bp} and {@code softmax_bp}, which take 2 to 10 times as long; products of
 * heads are rank-4 {@code matmul}s on strided views, so no head is ever copied together. Sequences of different lengths are
 * gathered to padded rows first. Stateless and thread-safe.
 */
public final class Nd4jKernels implements EncoderKernels {
    /** The only instance that is needed. */
    public static final Nd4jKernels INSTANCE = new Nd4jKernels();

    /** Added to the scores of padded keys: finite, so that nothing becomes NaN, and exp of it is 0 after any real score. */
    private static final double MASKED = -1e30;

    private Nd4jKernels() {}

    @Override
    public void gelu(INDArray x, INDArray out, @Nullable INDArray derivative) {
        requireRowMajor(out, "out");
        x.mul(Math.sqrt(0.5), out);
        Nd4j.exec(new Erf(out, out));
        out.addi(1.0).muli(0.5); // Phi(x)
        if (derivative == null) {
            out.muli(x);
            return;
        }
        requireRowMajor(derivative, "derivative");
        INDArray slope = derivative == x ? Nd4j.createUninitialized(x.dataType(), x.shape(), 'c') : derivative;
        Nd4j.exec(new Square(x, slope));
        slope.muli(-0.5);
        Nd4j.exec(new Exp(slope, slope));
        slope.muli(1 / Math.sqrt(2 * Math.PI)).muli(x).addi(out);
        out.muli(x);
        if (slope != derivative) {
            derivative.assign(slope);
        }
    }

    @Override
    public void geluBackward(INDArray dy, INDArray derivative, INDArray dx) {
        dy.mul(derivative, dx);
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
        requireRowMajor(out, "out");
        INDArray n = saved == null ? out : saved.rows();
        requireRowMajor(n, "saved rows");
        if (residual != null) {
            x.add(residual, n);
        } else if (n != x) {
            n.assign(x);
        }
        INDArray perRow = saved == null ? Nd4j.createUninitialized(x.dataType(), x.size(0)) : saved.inverseStd();
        n.mean(perRow, 1);
        n.subiColumnVector(perRow);
        Nd4j.exec(new SquaredNorm(n, perRow, false, 1));
        perRow.divi((double) n.size(1)).addi(epsilon);
        Transforms.sqrt(perRow, false).rdivi(1.0);
        n.muliColumnVector(perRow);
        Nd4j.exec(new BroadcastMulOp(n, weight, out, 1));
        out.addiRowVector(bias);
    }

    @Override
    public void layerNormBackward(INDArray dy, INDArray weight, Normalized saved, INDArray du) {
        requireRowMajor(du, "du");
        Nd4j.exec(new BroadcastMulOp(dy, weight, du, 1)); // g
        INDArray perRow = Nd4j.createUninitialized(du.dataType(), du.size(0));
        INDArray product = Nd4j.createUninitialized(du.dataType(), du.shape(), 'c');
        du.mul(saved.rows(), product);
        product.mean(perRow, 1);
        product.assign(saved.rows()).muliColumnVector(perRow); // n mean(g n)
        du.mean(perRow, 1);
        du.subiColumnVector(perRow).subi(product).muliColumnVector(saved.inverseStd());
    }

    @Override
    public void layerNormParameterGradients(INDArray dy, Normalized saved, INDArray dWeight, INDArray dBias) {
        INDArray product = Nd4j.createUninitialized(dy.dataType(), dy.shape(), 'c');
        dy.mul(saved.rows(), product);
        columnSums(product, dWeight);
        columnSums(dy, dBias);
    }

    @Override
    public void attention(Attention input, INDArray out, INDArray statistics) {
        requireRowMajor(out, "out");
        requireRowMajor(statistics, "statistics");
        PackedLayout queries = input.queryLayout();
        INDArray p = scores(input);
        INDArray rows = p.reshape('c', p.length() / p.size(3), p.size(3));
        INDArray greatest = Nd4j.createUninitialized(p.dataType(), rows.size(0));
        INDArray inverse = Nd4j.createUninitialized(p.dataType(), rows.size(0));
        softmax(rows, greatest, inverse);
        keep(greatest, input, statistics, 0);
        keep(inverse, input, statistics, 1);
        INDArray padded = paddedResult(out, queries);
        INDArray v = heads(padded(input.value(), input.layout()), input.layout(), input);
        Nd4j.matmul(dropped(p, input), v, heads(padded, queries, input), false, false, false);
        unpad(padded, queries, out);
    }

    /** S, [B, heads, queries, keys], finite and far below any score for padded keys. */
    private INDArray scores(Attention input) {
        PackedLayout queries = input.queryLayout();
        PackedLayout keys = input.layout();
        INDArray s = Nd4j.createUninitialized(
                input.query().dataType(),
                new long[] {keys.sequences(), input.heads(), queries.maxLength(), keys.maxLength()},
                'c');
        INDArray q = heads(padded(input.query(), queries), queries, input);
        INDArray k = heads(padded(input.key(), keys), keys, input);
        Nd4j.matmul(q, k, s, false, true, false);
        s.muli(scale(input));
        if (!keys.isUniform()) {
            Nd4j.exec(new BroadcastAddOp(s, paddedMask(keys, s, 0, MASKED), s, 0, 3));
        }
        return s;
    }

    /** Packs one number per row of S, [B * heads * queries], into its part of the statistics. */
    private void keep(INDArray perRow, Attention input, INDArray statistics, int part) {
        PackedLayout queries = input.queryLayout();
        INDArray padded = perRow.reshape('c', queries.sequences(), input.heads(), queries.maxLength())
                .permute(0, 2, 1)
                .dup('c')
                .reshape('c', (long) queries.sequences() * queries.maxLength(), input.heads());
        INDArray packed = Nd4j.createUninitialized(perRow.dataType(), new long[] {queries.rows(), input.heads()}, 'c');
        gatherRows(padded, queries.paddedRowOfPacked(), packed);
        statistics.tensorAlongDimension(part, 1, 2).assign(packed.transpose());
    }

    /** The reverse of {@link #keep}; padded queries get their sequence's first row's number, as they have its scores. */
    private INDArray recall(Attention input, INDArray statistics, int part) {
        PackedLayout queries = input.queryLayout();
        INDArray packed =
                statistics.tensorAlongDimension(part, 1, 2).transpose().dup('c');
        INDArray perRow = padded(packed, queries)
                .reshape('c', queries.sequences(), queries.maxLength(), input.heads())
                .permute(0, 2, 1)
                .dup('c');
        return perRow.reshape(perRow.length());
    }

    /** P again, [B, heads, queries, keys]. */
    private INDArray probabilities(Attention input, INDArray statistics) {
        INDArray p = scores(input);
        INDArray rows = p.reshape('c', p.length() / p.size(3), p.size(3));
        rows.subiColumnVector(recall(input, statistics, 0));
        Nd4j.exec(new Exp(rows, rows));
        rows.muliColumnVector(recall(input, statistics, 1));
        return p;
    }

    @Override
    public void attentionBackward(
            Attention input, INDArray statistics, INDArray dOut, INDArray dQuery, INDArray dKey, INDArray dValue) {
        PackedLayout queries = input.queryLayout();
        PackedLayout keys = input.layout();
        INDArray p = probabilities(input, statistics);
        INDArray gradient = heads(paddedGradient(dOut, queries), queries, input);
        INDArray padded = paddedResult(dValue, keys);
        Nd4j.matmul(dropped(p, input), gradient, heads(padded, keys, input), true, false, false);
        unpad(padded, keys, dValue);

        INDArray scores = Nd4j.createUninitialized(dOut.dataType(), p.shape(), 'c');
        Nd4j.matmul(gradient, heads(padded(input.value(), keys), keys, input), scores, false, true, false);
        softmaxBackward(scores, p, input);

        INDArray result = paddedResult(dQuery, queries);
        INDArray k = heads(padded(input.key(), keys), keys, input);
        Nd4j.matmul(scores, k, heads(result, queries, input), false, false, false);
        unpad(result, queries, dQuery);
        result = paddedResult(dKey, keys);
        INDArray q = heads(padded(input.query(), queries), queries, input);
        Nd4j.matmul(scores, q, heads(result, keys, input), true, false, false);
        unpad(result, keys, dKey);
    }

    /** Turns dL/d(P * mask) into dL/dS / sqrt(d) in place. */
    private static void softmaxBackward(INDArray gradient, INDArray probabilities, Attention input) {
        if (input.dropout() != null) {
            gradient.muli(mask(gradient, input));
        }
        long columns = gradient.size(3);
        INDArray rows = gradient.reshape('c', gradient.length() / columns, columns);
        INDArray product = Nd4j.createUninitialized(gradient.dataType(), gradient.shape(), 'c');
        gradient.mul(probabilities, product);
        INDArray sums = Nd4j.createUninitialized(gradient.dataType(), rows.size(0));
        product.reshape('c', rows.size(0), columns).sum(sums, 1);
        rows.subiColumnVector(sums);
        gradient.muli(probabilities).muli(scale(input));
    }

    @Override
    public void embed(EmbeddingTables tables, int[] words, int[] positions, int[] types, INDArray out) {
        requireRowMajor(out, "out");
        checkIndices("token id", words, tables.word());
        checkIndices("position", positions, tables.position());
        checkIndices("token type", types, tables.type());
        gatherRows(tables.word(), words, out);
        INDArray added = Nd4j.createUninitialized(out.dataType(), out.shape(), 'c');
        gatherRows(tables.position(), positions, added);
        out.addi(added);
        gatherRows(tables.type(), types, added);
        out.addi(added);
    }

    @Override
    public void embedBackward(INDArray dOut, int[] words, int[] positions, int[] types, EmbeddingTables gradients) {
        checkIndices("token id", words, gradients.word());
        checkIndices("position", positions, gradients.position());
        checkIndices("token type", types, gradients.type());
        INDArray rows = rowMajor(dOut);
        addRows(rows, words, gradients.word());
        addRows(rows, positions, gradients.position());
        addRows(rows, types, gradients.type());
    }

    /** table[indices[i]] = sum of rows[i]. */
    private static void addRows(INDArray rows, int[] indices, INDArray table) {
        requireRowMajor(table, "gradient");
        table.assign(0.0);
        // The operation's lock: without it, its threads add rows of equal index at the same time and lose some.
        boolean lock = true;
        Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                .addInputs(table, Nd4j.createFromArray(indices), rows)
                .callInplace(true)
                .addBooleanArguments(lock)
                .build());
    }

    private static void checkIndices(String what, int[] indices, INDArray table) {
        long limit = table.size(0);
        for (int row = 0; row < indices.length; row++) {
            if (indices[row] < 0 || indices[row] >= limit) {
                throw new IllegalArgumentException(
                        what + " " + indices[row] + " in row " + row + " is outside its table of " + limit + " rows");
            }
        }
    }

    @Override
    public void gatherRows(INDArray source, int[] indices, INDArray out) {
        requireRowMajor(out, "out");
        Nd4j.pullRows(rowMajor(source), out, 1, indices);
    }

    @Override
    public void meanRows(INDArray rows, PackedLayout layout, INDArray out) {
        for (int b = 0; b < layout.sequences(); b++) {
            int first = layout.offset(b);
            INDArray sequence = rows.get(NDArrayIndex.interval(first, first + layout.length(b)), NDArrayIndex.all());
            sequence.mean(out.getRow(b), 0);
        }
    }

    @Override
    public void columnSums(INDArray rows, INDArray out) {
        requireRowMajor(out, "out");
        // As a product: ND4J's sum along the first dimension takes nine times as long for 1,536 columns.
        INDArray ones = Nd4j.valueArrayOf(new long[] {1, rows.size(0)}, 1.0, rows.dataType());
        Nd4j.gemm(ones, rows, out.reshape('c', 1, out.length()), false, false, 1.0, 0.0);
    }

    @Override
    public void softmax(INDArray x, INDArray out) {
        requireRowMajor(out, "out");
        if (x != out) {
            out.assign(x);
        }
        // Not ND4J's softmax operation: its float64 form gives NaN for a row whose greatest value is below about -745.
        long columns = out.size(out.rank() - 1);
        INDArray rows = out.reshape('c', out.length() / columns, columns);
        softmax(
                rows,
                Nd4j.createUninitialized(out.dataType(), rows.size(0)),
                Nd4j.createUninitialized(out.dataType(), rows.size(0)));
    }

    /** In place; both vectors receive a number per row, the greatest value and 1 / the sum of the exponentials. */
    private static void softmax(INDArray rows, INDArray greatest, INDArray inverse) {
        Nd4j.exec(new Max(rows, greatest, 1));
        rows.subiColumnVector(greatest);
        Nd4j.exec(new Exp(rows, rows));
        rows.sum(inverse, 1);
        inverse.rdivi(1.0);
        rows.muliColumnVector(inverse);
    }

    private static double scale(Attention input) {
        return 1 / Math.sqrt((double) input.query().size(1) / input.heads());
    }

    private static INDArray dropped(INDArray probabilities, Attention input) {
        if (input.dropout() == null) {
            return probabilities;
        }
        INDArray product = Nd4j.createUninitialized(probabilities.dataType(), probabilities.shape(), 'c');
        return probabilities.mul(mask(probabilities, input), product);
    }

    /** The mask of the probabilities, [B, heads, queries, keys]. */
    private static INDArray mask(INDArray like, Attention input) {
        Dropout dropout = Objects.requireNonNull(input.dropout());
        int queryCount = input.queryLayout().maxLength();
        int keyCount = input.layout().maxLength();
        double[] all = new double[(int) like.length()];
        for (int part = 0; part < like.length() / queryCount / keyCount; part++) {
            Dropout head = dropout.part(part);
            for (int key = 0; key < keyCount; key++) {
                double[] queries = ones(queryCount);
                head.apply(queries, key << 16);
                for (int query = 0; query < queryCount; query++) {
                    all[(part * queryCount + query) * keyCount + key] = queries[query];
                }
            }
        }
        return Nd4j.createFromArray(all).castTo(like.dataType()).reshape(like.shape());
    }

    private static double[] ones(int count) {
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    @Override
    public void dropout(Dropout mask, INDArray x, INDArray out) {
        requireRowMajor(out, "out");
        double[] factors = ones((int) x.length());
        mask.apply(factors, 0);
        x.mul(Nd4j.createFromArray(factors).castTo(x.dataType()).reshape(x.shape()), out);
    }

    /** [B T, H] rows as a strided view [B, heads, T, d]. */
    private static INDArray heads(INDArray padded, PackedLayout layout, Attention input) {
        long size = padded.size(1) / input.heads();
        return padded.reshape('c', layout.sequences(), layout.maxLength(), input.heads(), size)
                .permute(0, 2, 1, 3);
    }

    private INDArray padded(INDArray rows, PackedLayout layout) {
        if (layout.isUniform()) {
            return rowMajor(rows);
        }
        INDArray padded = Nd4j.createUninitialized(rows.dataType(), paddedShape(rows, layout), 'c');
        gatherRows(rows, layout.packedRowOfPadded(), padded);
        return padded;
    }

    /** Padded rows of a gradient: zero where there is no token, so that nothing flows from there. */
    private INDArray paddedGradient(INDArray rows, PackedLayout layout) {
        INDArray padded = padded(rows, layout);
        if (!layout.isUniform()) {
            padded.muliColumnVector(paddedMask(layout, rows, 1, 0).reshape(padded.size(0)));
        }
        return padded;
    }

    private static INDArray paddedResult(INDArray out, PackedLayout layout) {
        requireRowMajor(out, "result");
        return layout.isUniform() ? out : Nd4j.createUninitialized(out.dataType(), paddedShape(out, layout), 'c');
    }

    private void unpad(INDArray padded, PackedLayout layout, INDArray out) {
        if (padded != out) {
            gatherRows(padded, layout.paddedRowOfPacked(), out);
        }
    }

    private static long[] paddedShape(INDArray rows, PackedLayout layout) {
        return new long[] {(long) layout.sequences() * layout.maxLength(), rows.size(1)};
    }

    private static INDArray paddedMask(PackedLayout layout, INDArray like, double token, double padding) {
        return Nd4j.createFromArray(layout.paddedMask(token, padding))
                .castTo(like.dataType())
                .reshape(layout.sequences(), layout.maxLength());
    }

    private static INDArray rowMajor(INDArray array) {
        return isRowMajor(array) ? array : array.dup('c');
    }

    private static void requireRowMajor(INDArray array, String what) {
        if (!isRowMajor(array)) {
            throw new IllegalArgumentException(what + " must be row-major without gaps, its strides are "
                    + Arrays.toString(array.stride()) + " for the shape " + Arrays.toString(array.shape()));
        }
    }

    private static boolean isRowMajor(INDArray array) {
        long expected = 1;
        for (int i = array.rank() - 1; i >= 0; i--) {
            if (array.size(i) != 1 && array.stride(i) != expected) {
                return false;
            }
            expected *= array.size(i);
        }
        return true;
    }
}
