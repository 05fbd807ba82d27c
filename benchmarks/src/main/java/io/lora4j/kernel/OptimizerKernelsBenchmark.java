package io.lora4j.kernel;

import io.lora4j.kernel.OptimizerKernels.AdamStep;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.buffer.DataType;
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

/** {@link OptimizerKernels} over the adapters of MiniLM (rank 8, all linear layers) and over all of MiniLM: milliseconds per call. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // filled before the first call
public class OptimizerKernelsBenchmark {
    private static final AdamStep STEP = new AdamStep(1e-3, 0.9, 0.999, 1e-8, 10);

    /** Which implementation. */
    @Param({"vector", "nd4j"})
    public String kernels;

    /** Parameters. */
    @Param({"332546", "22713986"})
    public int parameters;

    private OptimizerKernels chosen;
    private INDArray gradient;
    private INDArray m;
    private INDArray v;

    /** Operands. */
    @Setup(Level.Trial)
    public void fill() {
        chosen = KernelChoice.optimizer(KernelChoice.choose(kernels));
        gradient = Nd4j.randn(DataType.FLOAT, parameters);
        m = Nd4j.zeros(DataType.FLOAT, parameters);
        v = Nd4j.zeros(DataType.FLOAT, parameters);
    }

    /** A step of Adam; the gradient is the last call's update. */
    @Benchmark
    public void adam() {
        chosen.adam(gradient, m, v, STEP);
    }
}
