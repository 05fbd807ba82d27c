package io.lora4j.kernel;

import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Every kernel of {@link EncoderKernels}: milliseconds per call. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // filled before the first call
public class EncoderKernelsBenchmark {
    private static final double EPSILON = 1e-12;
    private static final int[] TABLES = {30_522, 512, 2};

    private INDArray x;
    private INDArray y;
    private INDArray z;
    private INDArray wide;
    private INDArray wideOut;
    private INDArray slope;
    private INDArray weight;
    private INDArray bias;
    private EncoderKernels.Normalized saved;
    private EncoderKernels.Attention attention;
    private INDArray statistics;
    private INDArray[] gradients;
    private EncoderKernels.EmbeddingTables tables;
    private EncoderKernels.EmbeddingTables tableGradients;
    private int[][] tokens;

    /** Operands, and what the backward passes read. */
    @Setup(Level.Trial)
    public void fill(Rows rows) {
        int n = rows.rows();
        int h = rows.hidden;
        x = rows.normal(n, h);
        y = rows.normal(n, h);
        z = rows.empty(n, h);
        wide = rows.normal(n, 4L * h);
        wideOut = rows.empty(n, 4L * h);
        slope = rows.empty(n, 4L * h);
        weight = rows.normal(h);
        bias = rows.normal(h);
        saved = new EncoderKernels.Normalized(rows.empty(n, h), rows.empty(n));
        attention = new EncoderKernels.Attention(
                rows.normal(n, h), rows.normal(n, h), rows.normal(n, h), rows.layout, 12, null);
        statistics = rows.empty(EncoderKernels.statisticsShape(rows.layout, attention.heads()));
        gradients = new INDArray[] {rows.empty(n, h), rows.empty(n, h), rows.empty(n, h)};
        tables = tables(rows, h);
        tableGradients = tables(rows, h);
        tokens = new int[][] {rows.indices(TABLES[0]), rows.indices(TABLES[1]), rows.indices(TABLES[2])};
        rows.encoder.gelu(wide, wideOut, slope);
        rows.encoder.layerNorm(x, y, weight, bias, EPSILON, z, saved);
        rows.encoder.attention(attention, z, statistics);
    }

    private static EncoderKernels.EmbeddingTables tables(Rows rows, int h) {
        return new EncoderKernels.EmbeddingTables(
                rows.empty(TABLES[0], h), rows.empty(TABLES[1], h), rows.empty(TABLES[2], h));
    }

    /** GELU with its derivative, over 4 H columns. */
    @Benchmark
    public void gelu(Rows rows) {
        rows.encoder.gelu(wide, wideOut, slope);
    }

    /** Its backward pass. */
    @Benchmark
    public void geluBackward(Rows rows) {
        rows.encoder.geluBackward(wide, slope, wideOut);
    }

    /** Layer normalisation of a sum. */
    @Benchmark
    public void layerNorm(Rows rows) {
        rows.encoder.layerNorm(x, y, weight, bias, EPSILON, z, saved);
    }

    /** Its backward pass for the inputs. */
    @Benchmark
    public void layerNormBackward(Rows rows) {
        rows.encoder.layerNormBackward(y, weight, saved, z);
    }

    /** Its backward pass for weight and bias. */
    @Benchmark
    public void layerNormParameterGradients(Rows rows) {
        rows.encoder.layerNormParameterGradients(y, saved, weight, bias);
    }

    /** Self-attention. */
    @Benchmark
    public void attention(Rows rows) {
        rows.encoder.attention(attention, z, statistics);
    }

    /** Its backward pass. */
    @Benchmark
    public void attentionBackward(Rows rows) {
        rows.encoder.attentionBackward(attention, statistics, y, gradients[0], gradients[1], gradients[2]);
    }

    /** Three tables' rows added. */
    @Benchmark
    public void embed(Rows rows) {
        rows.encoder.embed(tables, tokens[0], tokens[1], tokens[2], z);
    }

    /** The tables' gradients. */
    @Benchmark
    public void embedBackward(Rows rows) {
        rows.encoder.embedBackward(y, tokens[0], tokens[1], tokens[2], tableGradients);
    }

    /** Rows out of a table. */
    @Benchmark
    public void gatherRows(Rows rows) {
        rows.encoder.gatherRows(tables.word(), tokens[0], z);
    }

    /** A bias's gradient. */
    @Benchmark
    public void columnSums(Rows rows) {
        rows.encoder.columnSums(x, bias);
    }

    /** Softmax of every row. */
    @Benchmark
    public void softmax(Rows rows) {
        rows.encoder.softmax(x, z);
    }
}
