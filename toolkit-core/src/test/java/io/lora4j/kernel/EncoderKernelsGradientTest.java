package io.lora4j.kernel;

import static io.lora4j.kernel.KernelFixtures.array;
import static io.lora4j.kernel.KernelFixtures.assertRows;
import static io.lora4j.kernel.KernelFixtures.dot;
import static io.lora4j.kernel.KernelFixtures.numericGradient;
import static io.lora4j.kernel.KernelFixtures.result;
import static io.lora4j.kernel.KernelFixtures.rows;
import static io.lora4j.kernel.KernelFixtures.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lora4j.kernel.EncoderKernels.Attention;
import io.lora4j.kernel.EncoderKernels.EmbeddingTables;
import io.lora4j.kernel.EncoderKernels.Normalized;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Backward passes against central differences of the naive float64 forward passes; the float32 backward passes against the same
 * numbers.
 */
@Tag("gradcheck")
abstract class EncoderKernelsGradientTest {
    private static final DataType F64 = DataType.DOUBLE;
    private final EncoderKernels kernels;
    private final Random random = new Random(7);

    EncoderKernelsGradientTest(EncoderKernels kernels) {
        this.kernels = kernels;
    }

    @Test
    void gelu() {
        double[][] x = rows(random, 3, 20, 2);
        double[][] weights = rows(random, 3, 20, 1);
        double[][] expected = numericGradient(x, () -> {
            double loss = 0;
            for (int i = 0; i < x.length; i++) {
                for (int j = 0; j < x[i].length; j++) {
                    loss += weights[i][j] * NaiveEncoder.gelu(x[i][j]);
                }
            }
            return loss;
        });
        INDArray derivative = result(F64, 3, 20);
        kernels.gelu(array(x, F64), result(F64, 3, 20), derivative);
        INDArray dx = result(F64, 3, 20);
        kernels.geluBackward(array(weights, F64), derivative, dx);
        assertRows(expected, dx, 1e-8, 1e-8, "dx");
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE,c,1e-8", "DOUBLE,f,1e-8", "FLOAT,c,2e-5"})
    void layerNorm(DataType type, char order, double limit) {
        double[][] x = KernelFixtures.rounded(rows(random, 5, 16, 2), type);
        double[][] residual = KernelFixtures.rounded(rows(random, 5, 16, 1), type);
        double[][] dy = KernelFixtures.rounded(rows(random, 5, 16, 1), type);
        double[] weight = vector(random, 16, 1);
        double[] bias = vector(random, 16, 1);
        double epsilon = 1e-2; // large enough to be seen in the gradient
        double[][] expected =
                numericGradient(x, () -> dot(dy, NaiveEncoder.layerNorm(x, residual, weight, bias, epsilon)));

        Normalized saved = new Normalized(result(type, 5, 16), result(type, 5));
        INDArray w = array(weight, type);
        kernels.layerNorm(
                array(x, type), array(residual, type), w, array(bias, type), epsilon, result(type, 5, 16), saved);
        INDArray du = result(type, 5, 16);
        kernels.layerNormBackward(array(dy, type).dup(order), w, saved, du);
        assertRows(expected, du, limit, limit, "du");
    }

    /** The gradients go to views inside a longer vector, as in a network's flat gradient. */
    @ParameterizedTest
    @CsvSource({"DOUBLE,c,1e-8", "DOUBLE,f,1e-8", "FLOAT,c,2e-5"})
    void layerNormParameters(DataType type, char order, double limit) {
        double[][] x = KernelFixtures.rounded(rows(random, 5, 16, 2), type);
        double[][] residual = KernelFixtures.rounded(rows(random, 5, 16, 1), type);
        double[][] dy = KernelFixtures.rounded(rows(random, 5, 16, 1), type);
        double[] weight = KernelFixtures.rounded(rows(random, 1, 16, 1), type)[0];
        double[] bias = KernelFixtures.rounded(rows(random, 1, 16, 1), type)[0];
        java.util.function.DoubleSupplier loss = () -> dot(dy, NaiveEncoder.layerNorm(x, residual, weight, bias, 1e-2));

        Normalized saved = new Normalized(result(type, 5, 16), result(type, 5));
        INDArray w = array(weight, type);
        kernels.layerNorm(
                array(x, type), array(residual, type), w, array(bias, type), 1e-2, result(type, 5, 16), saved);
        INDArray flat = result(type, 40);
        INDArray dWeight = flat.get(NDArrayIndex.interval(3, 19));
        INDArray dBias = flat.get(NDArrayIndex.interval(19, 35));
        kernels.layerNormParameterGradients(array(dy, type).dup(order), saved, dWeight, dBias);

        assertRows(numericGradient(new double[][] {weight}, loss), dWeight.reshape(1, 16), limit, limit, "dWeight");
        assertRows(numericGradient(new double[][] {bias}, loss), dBias.reshape(1, 16), limit, limit, "dBias");
        assertEquals(8, flat.isNaN().castTo(F64).sumNumber().intValue(), "nothing else is written");
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE,c", "DOUBLE,f", "FLOAT,c"})
    void embedding(DataType type, char order) {
        int[] words = {10, 3, 3, 0, 3, 10};
        int[] positions = {0, 1, 2, 0, 1, 0};
        int[] types = {0, 0, 1, 0, 1, 1};
        double[][] word = rows(random, 11, 4, 1);
        double[][] position = rows(random, 5, 4, 1);
        double[][] kind = rows(random, 2, 4, 1);
        double[][] dOut = KernelFixtures.rounded(rows(random, 6, 4, 1), type);
        java.util.function.DoubleSupplier loss = () -> {
            double sum = 0;
            for (int i = 0; i < 6; i++) {
                for (int j = 0; j < 4; j++) {
                    sum += dOut[i][j] * (word[words[i]][j] + position[positions[i]][j] + kind[types[i]][j]);
                }
            }
            return sum;
        };
        EmbeddingTables gradients = new EmbeddingTables(result(type, 11, 4), result(type, 5, 4), result(type, 2, 4));

        kernels.embedBackward(array(dOut, type).dup(order), words, positions, types, gradients);

        double limit = type == DataType.DOUBLE ? 1e-9 : 1e-6;
        assertRows(numericGradient(word, loss), gradients.word(), limit, limit, "word");
        assertRows(numericGradient(position, loss), gradients.position(), limit, limit, "position");
        assertRows(numericGradient(kind, loss), gradients.type(), limit, limit, "type");
    }

    @ParameterizedTest
    @CsvSource({
        "DOUBLE,c,3 1 5 5,3 1 5 5,0,1e-8",
        "DOUBLE,f,3 1 5 5,3 1 5 5,0.3,1e-8",
        "DOUBLE,c,4 4,4 4,0,1e-8",
        "DOUBLE,f,4 4,4 4,0.3,1e-8",
        "DOUBLE,c,1,1,0,1e-8",
        "DOUBLE,c,1 1 1 1,3 1 5 5,0.3,1e-8",
        "DOUBLE,f,1 1,4 4,0,1e-8",
        "DOUBLE,c,2 1 6,3 1 5,0.3,1e-8",
        "FLOAT,c,3 1 5 5,3 1 5 5,0.3,2e-5",
        "FLOAT,c,4 4,4 4,0,2e-5",
        "FLOAT,c,1 1 1 1,3 1 5 18,0.3,2e-5",
        "FLOAT,c,1 1,4 4,0,2e-5",
        "FLOAT,c,2 1 6,3 1 5,0,2e-5"
    })
    void attention(DataType type, char order, String queryList, String lengthList, double dropout, double limit) {
        int[] queries = EncoderKernelsTest.ints(queryList);
        int[] lengths = EncoderKernelsTest.ints(lengthList);
        PackedLayout queryLayout = PackedLayout.ofLengths(queries);
        PackedLayout layout = PackedLayout.ofLengths(lengths);
        int heads = 2;
        int m = queryLayout.rows();
        int n = layout.rows();
        int columns = type == DataType.FLOAT ? 32 : 6;
        double[][] q = KernelFixtures.rounded(rows(random, m, columns, 1), type);
        double[][] k = KernelFixtures.rounded(rows(random, n, columns, 1), type);
        double[][] v = KernelFixtures.rounded(rows(random, n, columns, 1), type);
        double[][] dOut = KernelFixtures.rounded(rows(random, m, columns, 1), type);
        Dropout mask = new Dropout(dropout, 78);
        double[][][][] maskValues = EncoderKernelsTest.maskValues(
                mask, lengths.length, heads, Math.max(queryLayout.maxLength(), layout.maxLength()));
        java.util.function.DoubleSupplier loss =
                () -> dot(dOut, NaiveEncoder.attention(q, k, v, queries, lengths, heads, maskValues));

        Attention input = new Attention(
                array(q, type).dup(order),
                array(k, type).dup(order),
                array(v, type).dup(order),
                queryLayout,
                layout,
                heads,
                dropout == 0 ? null : mask);
        INDArray statistics = result(type, EncoderKernels.statisticsShape(queryLayout, heads));
        kernels.attention(input, result(type, m, columns), statistics);
        INDArray dQ = result(type, m, columns);
        INDArray dK = result(type, n, columns);
        INDArray dV = result(type, n, columns);
        kernels.attentionBackward(input, statistics, array(dOut, type).dup(order), dQ, dK, dV);

        assertRows(numericGradient(q, loss), dQ, limit, limit, "dQ");
        assertRows(numericGradient(k, loss), dK, limit, limit, "dK");
        assertRows(numericGradient(v, loss), dV, limit, limit, "dV");
    }
}
