package io.lora4j.kernel;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a transformer encoder computes besides matrix products, on packed rows (see {@link PackedLayout}).
 *
 * <p>All arrays of one call have one data type, float32 or float64. "Rows" are matrices [N, H], one token per row. Results are
 * given by the caller, must be row-major ('c') without gaps, and are overwritten whole; they must not share memory with an operand
 * unless a method allows it. Operands are only read; row-major ones are fastest. Temporaries come from the caller's current ND4J
 * workspace and are dead when the call returns. Implementations have no state: they may be called from several threads, and the
 * same operands give the same result to the last bit on the same machine.
 */
public interface EncoderKernels {
    /**
     * The implementation for the backend that is loaded: kernels with the Vector API on a CPU if the JVM was started with {@code
     * --add-modules jdk.incubator.vector}, else compositions of ND4J operations. The environment variable {@code LORA4J_KERNELS} chooses
     * otherwise: {@code auto}, {@code vector} or {@code nd4j}.
     *
     * @return a shared, thread-safe object
     * @throws io.lora4j.error.UserException if the variable has another value, or asks for what is not there
     */
    static EncoderKernels get() {
        return KernelChoice.CHOSEN;
    }

    /**
     * GELU with the error function: y = x Phi(x), Phi(x) = (1 + erf(x / sqrt 2)) / 2 (Hendrycks and Gimpel, arXiv 1606.08415; Hugging
     * Face's {@code gelu}, not the tanh form).
     *
     * @param x any shape
     * @param out y, the shape of x
     * @param derivative null, or an array of x's shape, possibly x itself, that receives dy/dx = Phi(x) + x phi(x), phi(x) = exp(-x^2 / 2) / sqrt(2 pi),
     *     for {@link #geluBackward}
     */
    void gelu(INDArray x, INDArray out, @Nullable INDArray derivative);

    /**
     * Backward pass of GELU: dx = dy * derivative.
     *
     * @param dy dL/dy
     * @param derivative what {@link #gelu} has written
     * @param dx result
     */
    void geluBackward(INDArray dy, INDArray derivative, INDArray dx);

    /**
     * Layer normalisation of every row, after an optional residual sum: u = x + residual, n = (u - mean(u)) / sqrt(var(u) + epsilon),
     * y = n * weight + bias, with the biased variance (Ba et al., arXiv 1607.06450, equations 3 and 4; torch's {@code LayerNorm}).
     *
     * @param x rows [N, H]; may be {@code out}
     * @param residual rows [N, H] added to x first, or null
     * @param weight [H]
     * @param bias [H]
     * @param epsilon added to the variance, greater than 0
     * @param out y, [N, H]
     * @param saved where n and 1 / sqrt(var + epsilon) are kept for {@link #layerNormBackward}, or null; n may be x
     */
    void layerNorm(
            INDArray x,
            @Nullable INDArray residual,
            INDArray weight,
            INDArray bias,
            double epsilon,
            INDArray out,
            @Nullable Normalized saved);

    /**
     * Backward pass of layer normalisation for its inputs ({@link #layerNormParameterGradients} has the other half). With g = dy * weight, per row: du = invStd (g - mean(g) - n
     * mean(g n)); du is the gradient of x and of the residual.
     *
     * @param dy dL/dy, [N, H]
     * @param weight [H]
     * @param saved what {@link #layerNorm} has written
     * @param du result, [N, H]
     */
    void layerNormBackward(INDArray dy, INDArray weight, Normalized saved, INDArray du);

    /**
     * Gradients of layer normalisation's weight and bias: dWeight[j] = sum over rows i of dy[i, j] n[i, j], dBias[j] = sum over rows i of
     * dy[i, j] (Ba et al., arXiv 1607.06450; torch's {@code LayerNorm}).
     *
     * @param dy dL/dy, [N, H]
     * @param saved what {@link #layerNorm} has written
     * @param dWeight result, [H]
     * @param dBias result, [H]
     */
    void layerNormParameterGradients(INDArray dy, Normalized saved, INDArray dWeight, INDArray dBias);

    /**
     * What layer normalisation keeps for its backward pass; the caller allocates it.
     *
     * @param rows n, [N, H], row-major
     * @param inverseStd 1 / sqrt(var + epsilon), [N]
     */
    record Normalized(INDArray rows, INDArray inverseStd) {}

    /**
     * Multi-head self-attention within every sequence (Vaswani et al., arXiv 1706.03762, section 3.2). H = heads * d; head i owns the
     * columns i d to (i + 1) d - 1. Per sequence and head: S = Q K^T / sqrt(d), P = softmax of every row of S, context = (P * mask) V.
     *
     * <p>P is not kept for {@link #attentionBackward}, only what makes it of S again (FlashAttention, Dao et al., arXiv 2205.14135, section
     * 3.1): of every row of S the greatest value m and 1 / sum(exp(S - m)). That is memory by the tokens, not by their square; the log-sum-exp
     * alone would do too, but its rounding grows with the scores.
     *
     * @param input Q, K, V, their layouts, the number of heads and the dropout mask
     * @param out context rows, [M, H], one per row of Q
     * @param statistics result, of the shape {@link #statisticsShape}: for {@link #attentionBackward}
     */
    void attention(Attention input, INDArray out, INDArray statistics);

    /**
     * Backward pass of {@link #attention}: with P = exp(S - m) / sum(exp(S - m)), computed anew, and D = (dOut V^T) * mask, dS = P * (D -
     * rowsum(D * P)): dQ = dS K / sqrt(d), dK = dS^T Q / sqrt(d), dV = (P * mask)^T dOut.
     *
     * @param input the operands of the forward call
     * @param statistics what the forward call has written
     * @param dOut dL/dcontext, [M, H]
     * @param dQuery result, [M, H]
     * @param dKey result, [N, H]
     * @param dValue result, [N, H]
     */
    void attentionBackward(
            Attention input, INDArray statistics, INDArray dOut, INDArray dQuery, INDArray dKey, INDArray dValue);

    /**
     * Operands of self-attention. The rows of Q have a layout of their own, so that only some tokens of a sequence may ask: the queries of
     * sequence b attend to all keys of sequence b.
     *
     * @param query Q rows, [M, H]
     * @param key K rows, [N, H]
     * @param value V rows, [N, H]
     * @param queryLayout the sequences of the M rows; as many as {@code layout} has
     * @param layout the sequences of the N rows
     * @param heads number of heads, divides H
     * @param dropout the mask of P, or null for none: in head i of sequence b, element (query, key) has the index 65,536 key + query in
     *     {@code dropout.part(b heads + i)}, both counted from the sequence's first row
     */
    record Attention(
            INDArray query,
            INDArray key,
            INDArray value,
            PackedLayout queryLayout,
            PackedLayout layout,
            int heads,
            @Nullable Dropout dropout) {
        /**
         * Every token asks: M = N.
         *
         * @param query Q rows, [N, H]
         * @param key K rows, [N, H]
         * @param value V rows, [N, H]
         * @param layout the sequences of the N rows
         * @param heads number of heads, divides H
         * @param dropout the mask of P, or null for none
         */
        public Attention(
                INDArray query,
                INDArray key,
                INDArray value,
                PackedLayout layout,
                int heads,
                @Nullable Dropout dropout) {
            this(query, key, value, layout, layout, heads, dropout);
        }

        /** Checks that the shapes fit. */
        public Attention {
            if (queryLayout.sequences() != layout.sequences()) {
                throw new IllegalArgumentException(
                        "queries of " + queryLayout.sequences() + " sequences, keys of " + layout.sequences());
            }
            if (heads < 1 || query.size(1) % heads != 0) {
                throw new IllegalArgumentException(heads + " heads do not divide " + query.size(1) + " columns");
            }
            checkRows("query", query, queryLayout.rows(), query.size(1));
            checkRows("key", key, layout.rows(), query.size(1));
            checkRows("value", value, layout.rows(), query.size(1));
        }

        private static void checkRows(String what, INDArray rows, long count, long columns) {
            if (rows.rank() != 2 || rows.size(0) != count || rows.size(1) != columns) {
                throw new IllegalArgumentException(what + " has the shape " + java.util.Arrays.toString(rows.shape())
                        + ", needed is [" + count + ", " + columns + "]");
            }
        }
    }

    /**
     * Shape of what {@link #attention} keeps: the greatest scores, then the inverse sums.
     *
     * @param queryLayout the sequences of the queries
     * @param heads number of heads
     * @return [2, heads, M], M the rows of queries
     */
    static long[] statisticsShape(PackedLayout queryLayout, int heads) {
        return new long[] {2, heads, queryLayout.rows()};
    }

    /**
     * Inverted dropout (Srivastava et al., JMLR 15, 2014; torch's {@code Dropout}): y = x * mask, where the mask is 0 or 1 / (1 - rate). The
     * backward pass is the same call on dL/dy.
     *
     * @param mask the mask; an element's index is its place in row-major order
     * @param x any shape; may be {@code out}
     * @param out y, the shape of x
     */
    void dropout(Dropout mask, INDArray x, INDArray out);

    /**
     * Input rows of BERT (Devlin et al., arXiv 1810.04805, figure 2): out[i] = word[words[i]] + position[positions[i]] + type[types[i]].
     *
     * @param tables the three tables
     * @param words [N]
     * @param positions [N]
     * @param types [N]
     * @param out rows, [N, H]
     * @throws IllegalArgumentException if an index is outside its table; the message names the row, the index and the limit
     */
    void embed(EmbeddingTables tables, int[] words, int[] positions, int[] types, INDArray out);

    /**
     * Gradients of the three tables: row v of dWord is the sum of dOut[i] over all i with words[i] = v, and zero where there is none;
     * dPosition and dType likewise. Rows are added one after the other in the order of i, also for an index that occurs more than once,
     * so the sums are the same to the last bit every time.
     *
     * @param dOut dL/dout of {@link #embed}, [N, H]
     * @param words [N]
     * @param positions [N]
     * @param types [N]
     * @param gradients results, of the tables' shapes
     * @throws IllegalArgumentException if an index is outside its table; the message names the row, the index and the limit
     */
    void embedBackward(INDArray dOut, int[] words, int[] positions, int[] types, EmbeddingTables gradients);

    /**
     * The tables of an embedding, or their gradients, row-major.
     *
     * @param word [V, H]
     * @param position [P, H]
     * @param type [S, H]
     */
    record EmbeddingTables(INDArray word, INDArray position, INDArray type) {}

    /**
     * Copies rows: out[i] = source[indices[i]].
     *
     * @param source rows [M, H]
     * @param indices [N], 0 to M - 1
     * @param out rows [N, H]
     */
    void gatherRows(INDArray source, int[] indices, INDArray out);

    /**
     * Sums over rows: out[j] = sum over i of rows[i, j], the gradient of a bias.
     *
     * @param rows [N, H]
     * @param out result, [H]
     */
    void columnSums(INDArray rows, INDArray out);

    /**
     * Mean of every sequence's rows: out[b] = (1 / n_b) sum over the rows i of sequence b of rows[i] (Sentence-BERT's mean pooling, Reimers and
     * Gurevych, arXiv 1908.10084, section 3).
     *
     * @param rows [N, H]
     * @param layout the sequences of the N rows
     * @param out result, [B, H]
     */
    void meanRows(INDArray rows, PackedLayout layout, INDArray out);

    /**
     * Softmax along the last dimension, computed after subtracting each row's maximum.
     *
     * @param x rank 2 or more; may be {@code out}
     * @param out the shape of x
     */
    void softmax(INDArray x, INDArray out);
}
