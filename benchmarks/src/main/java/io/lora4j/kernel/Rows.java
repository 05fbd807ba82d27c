package io.lora4j.kernel;

import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What the benchmarks share: which kernels, and a batch of 32 sequences of 32 to 64 tokens, as {@code lora4j bench} has them. In the package
 * of the kernels, because the choice between their two forms is not public.
 */
@State(Scope.Benchmark)
public class Rows {
    static final int SEQUENCES = 32;
    static final int LONGEST = 64;

    /** vector or nd4j. */
    @Param({"vector", "nd4j"})
    public String kernels = "vector";

    /** Columns of the hidden rows: MiniLM's, or BERT-base's. */
    @Param({"384", "768"})
    public int hidden;

    private final Random random = new Random(7);

    EncoderKernels encoder = Nd4jKernels.INSTANCE;
    LowRankKernels lowRank = Nd4jLowRank.INSTANCE;
    PackedLayout layout = PackedLayout.ofLengths(1);

    /** Chooses the kernels and the lengths. */
    @Setup(Level.Trial)
    public void choose() {
        encoder = KernelChoice.choose(kernels);
        lowRank = KernelChoice.lowRank(encoder);
        int[] lengths = random.ints(SEQUENCES, LONGEST / 2, LONGEST + 1).toArray();
        lengths[0] = LONGEST;
        layout = PackedLayout.ofLengths(lengths);
    }

    int rows() {
        return layout.rows();
    }

    /** Normally distributed numbers, row-major. */
    INDArray normal(long... shape) {
        INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        for (long i = 0; i < array.length(); i++) {
            array.data().put(i, (float) random.nextGaussian());
        }
        return array;
    }

    /** The same in DL4J's order of parameters. */
    INDArray factor(long rows, long columns) {
        return normal(rows, columns).dup('f');
    }

    INDArray empty(long... shape) {
        return Nd4j.create(DataType.FLOAT, shape, 'c');
    }

    int[] indices(int limit) {
        return random.ints(rows(), 0, limit).toArray();
    }
}
