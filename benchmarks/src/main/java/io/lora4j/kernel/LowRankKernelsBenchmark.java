package io.lora4j.kernel;

import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Every kernel of {@link LowRankKernels} for a map of H to 4 H columns, and the frozen map's own products: milliseconds per call. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // filled before the first call
public class LowRankKernelsBenchmark {
    private static final double SCALE = 1e-6; // results are added to again and again

    /** The adapter's rank. */
    @Param("8")
    public int rank;

    private INDArray x;
    private INDArray w;
    private INDArray z;
    private INDArray dx;
    private INDArray delta;
    private INDArray a;
    private INDArray b;
    private INDArray t;
    private INDArray u;
    private INDArray dA;
    private INDArray dB;
    private INDArray bias;

    /** Operands. */
    @Setup(Level.Trial)
    public void fill(Rows rows) {
        int n = rows.rows();
        int in = rows.hidden;
        int out = 4 * in;
        x = rows.normal(n, in);
        w = rows.normal(in, out);
        z = rows.empty(n, out);
        dx = rows.empty(n, in);
        delta = rows.normal(n, out).muli(SCALE);
        a = rows.factor(in, rank);
        b = rows.factor(rank, out);
        t = rows.normal(n, rank).muli(SCALE);
        u = rows.normal(n, rank).muli(SCALE);
        dA = rows.factor(in, rank);
        dB = rows.factor(rank, out);
        bias = rows.normal(out).muli(SCALE);
    }

    /** t = x A. */
    @Benchmark
    public void project(Rows rows) {
        rows.lowRank.project(x, a, t);
    }

    /** z + s t B + bias. */
    @Benchmark
    public void expand(Rows rows) {
        rows.lowRank.expand(t, b, SCALE, bias, z);
    }

    /** z + bias. */
    @Benchmark
    public void addBias(Rows rows) {
        rows.lowRank.addBias(bias, z);
    }

    /** dB and delta B^T. */
    @Benchmark
    public void backwardB(Rows rows) {
        rows.lowRank.backwardB(t, delta, b, SCALE, dB, u);
    }

    /** dA and dx + u A^T. */
    @Benchmark
    public void backwardA(Rows rows) {
        rows.lowRank.backwardA(x, u, a, dA, dx);
    }

    /** x W, by ND4J's matrix library whatever the kernels. */
    @Benchmark
    public void frozenForward(Rows rows) {
        Nd4j.gemm(x, w, z, false, false, 1.0, 0.0);
    }

    /** delta W^T, likewise. */
    @Benchmark
    public void frozenBackward(Rows rows) {
        Nd4j.gemm(delta, w, dx, false, true, 1.0, 0.0);
    }
}
