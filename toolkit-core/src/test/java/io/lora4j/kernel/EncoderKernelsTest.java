package io.lora4j.kernel;

import static io.lora4j.kernel.KernelFixtures.array;
import static io.lora4j.kernel.KernelFixtures.assertRows;
import static io.lora4j.kernel.KernelFixtures.result;
import static io.lora4j.kernel.KernelFixtures.rounded;
import static io.lora4j.kernel.KernelFixtures.rows;
import static io.lora4j.kernel.KernelFixtures.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lora4j.kernel.EncoderKernels.Attention;
import io.lora4j.kernel.EncoderKernels.EmbeddingTables;
import io.lora4j.kernel.EncoderKernels.Normalized;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Forward passes against plain float64 loops ({@link NaiveEncoder}), random and extreme values, both data types. */
abstract class EncoderKernelsTest {
    private final EncoderKernels kernels;
    private final Random random = new Random(42);

    EncoderKernelsTest(EncoderKernels kernels) {
        this.kernels = kernels;
    }

    private static double tolerance(DataType type) {
        return type == DataType.DOUBLE ? 1e-13 : 2e-6;
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void geluAndItsDerivative(DataType type) {
        double[][] x = rows(random, 9, 33, 2);
        double[] extremes = {0, -0.0, 1e-30, -1e-30, 5, -5, 8.5, -8.5, 12, -12, 40, -40, 1e4, -1e4, 1e15, -1e15};
        System.arraycopy(extremes, 0, x[0], 0, extremes.length);
        x = rounded(x, type);
        INDArray y = result(type, 9, 33);
        INDArray derivative = result(type, 9, 33);

        kernels.gelu(array(x, type), y, derivative);

        assertRows(map(x, NaiveEncoder::gelu), y, tolerance(type), tolerance(type), "gelu");
        assertRows(map(x, NaiveEncoder::geluDerivative), derivative, tolerance(type), tolerance(type), "derivative");
        INDArray over = array(x, type);
        INDArray again = result(type, 9, 33);
        kernels.gelu(over, again, over);
        assertEquals(derivative, over, "the derivative over x");
        assertEquals(y, again, "y beside a derivative over x");
        INDArray inference = result(type, 9, 33);
        kernels.gelu(array(x, type), inference, null);
        assertEquals(y, inference, "with and without derivative");
    }

    private static double[][] map(double[][] x, java.util.function.DoubleUnaryOperator f) {
        double[][] y = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            y[i] = java.util.Arrays.stream(x[i]).map(f).toArray();
        }
        return y;
    }

    @ParameterizedTest
    @CsvSource({"FLOAT,c", "FLOAT,f", "DOUBLE,c", "DOUBLE,f"})
    void layerNormOfASum(DataType type, char order) {
        double[][] x = rounded(rows(random, 7, 48, 3), type);
        double[][] residual = rounded(rows(random, 7, 48, 1), type);
        double[][] vectors = rounded(new double[][] {vector(random, 48, 1), vector(random, 48, 1)}, type);
        INDArray y = result(type, 7, 48);
        Normalized saved = new Normalized(result(type, 7, 48), result(type, 7));
        INDArray weight = array(vectors[0], type);
        INDArray bias = array(vectors[1], type);

        kernels.layerNorm(array(x, type).dup(order), array(residual, type).dup(order), weight, bias, 1e-12, y, saved);

        double[][] expected = NaiveEncoder.layerNorm(x, residual, vectors[0], vectors[1], 1e-12);
        assertRows(expected, y, tolerance(type), tolerance(type), "saved");
        INDArray over = array(x, type);
        INDArray again = result(type, 7, 48);
        kernels.layerNorm(
                over, array(residual, type), weight, bias, 1e-12, again, new Normalized(over, result(type, 7)));
        assertEquals(saved.rows(), over, "n over x");
        assertEquals(y, again, "y beside n over x");
        INDArray inference = result(type, 7, 48);
        kernels.layerNorm(array(x, type), array(residual, type), weight, bias, 1e-12, inference, null);
        assertRows(expected, inference, tolerance(type), tolerance(type), "inference");
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void layerNormOfOneInputInPlaceAndOfExtremeRows(DataType type) {
        double[][] x = rounded(rows(random, 4, 64, 1), type);
        java.util.Arrays.fill(x[1], 3.5); // no variance at all: y = bias
        for (int j = 0; j < 64; j++) {
            x[2][j] *= 1e6;
        }
        double[] one = new double[64];
        java.util.Arrays.fill(one, 1);
        double[] zero = new double[64];
        x = rounded(x, type);
        INDArray rows = array(x, type);

        kernels.layerNorm(rows, null, array(one, type), array(zero, type), 1e-12, rows, null);

        assertRows(
                NaiveEncoder.layerNorm(x, new double[4][64], one, zero, 1e-12),
                rows,
                tolerance(type),
                tolerance(type),
                "y");
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT,c,3 1 5 5",
        "FLOAT,f,3 1 5 5",
        "FLOAT,c,4 4 4",
        "DOUBLE,c,3 1 5 5",
        "DOUBLE,f,4 4",
        "DOUBLE,c,1",
        "FLOAT,c,16 15 17 2",
        "FLOAT,c,40 33",
        "FLOAT,c,1"
    })
    void attentionStaysWithinSequences(DataType type, char order, String lengthList) {
        int[] lengths = ints(lengthList);
        // Heads of 4 and of 16 columns: no whole vector of floats, and one.
        for (int columns : new int[] {12, 48}) {
            checkAttention(type, order, lengths, lengths, columns, 1, 0);
            checkAttention(type, order, lengths, lengths, columns, 1, 0.4);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT,c,1 1 1 1,3 1 5 5",
        "FLOAT,f,1 1 1 1,3 1 5 5",
        "FLOAT,c,1 1 1,4 4 4",
        "DOUBLE,c,1 1 1 1,3 1 5 5",
        "DOUBLE,f,1 1,4 4",
        "DOUBLE,c,2 1 4 5,3 1 5 5",
        "FLOAT,c,2 17 1 33,16 15 17 2",
        "FLOAT,c,1 1,40 33",
        "FLOAT,c,9,1",
        "DOUBLE,c,3 3,1 2"
    })
    void queriesMayBeFewerOrMoreThanKeys(DataType type, char order, String queryList, String lengthList) {
        for (int columns : new int[] {12, 48}) {
            checkAttention(type, order, ints(queryList), ints(lengthList), columns, 1, 0);
            checkAttention(type, order, ints(queryList), ints(lengthList), columns, 1, 0.4);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void attentionWithScoresThatSaturateTheSoftmax(DataType type) {
        checkAttention(type, 'c', new int[] {6, 2, 4}, new int[] {6, 2, 4}, 12, 30, 0);
        checkAttention(type, 'c', new int[] {1, 1, 1}, new int[] {6, 2, 4}, 12, 30, 0);
    }

    private void checkAttention(
            DataType type, char order, int[] queries, int[] lengths, int columns, double size, double dropout) {
        PackedLayout queryLayout = PackedLayout.ofLengths(queries);
        PackedLayout layout = PackedLayout.ofLengths(lengths);
        int heads = 3;
        double[][] q = rounded(rows(random, queryLayout.rows(), columns, size), type);
        double[][] k = rounded(rows(random, layout.rows(), columns, size), type);
        double[][] v = rounded(rows(random, layout.rows(), columns, 1), type);
        Dropout mask = new Dropout(dropout, 77);
        INDArray out = result(type, queryLayout.rows(), columns);
        Attention input = new Attention(
                array(q, type).dup(order),
                array(k, type).dup(order),
                array(v, type).dup(order),
                queryLayout,
                layout,
                heads,
                dropout == 0 ? null : mask);

        INDArray statistics = result(type, EncoderKernels.statisticsShape(queryLayout, heads));
        kernels.attention(input, out, statistics);

        int longest = Math.max(queryLayout.maxLength(), layout.maxLength());
        double[][] expected = NaiveEncoder.attention(
                q, k, v, queries, lengths, heads, maskValues(mask, lengths.length, heads, longest));
        // Scores of size s carry rounding errors of s * 6e-8 in float32, which the exponential makes relative errors.
        double limit = type == DataType.DOUBLE ? 1e-12 : 4e-6 * Math.max(1, size * size);
        assertRows(expected, out, limit, limit, "context of " + layout);
        double[][][] kept = NaiveEncoder.statistics(q, k, queries, lengths, heads);
        assertRows(kept[0], statistics.slice(0), limit, limit, "greatest scores of " + layout);
        assertRows(kept[1], statistics.slice(1), limit, limit, "inverse sums of " + layout);
    }

    static int[] ints(String list) {
        return java.util.Arrays.stream(list.split(" "))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    static double[][][][] maskValues(Dropout mask, int sequences, int heads, int longest) {
        double[][][][] all = new double[sequences][heads][longest][longest];
        for (int part = 0; part < sequences * heads; part++) {
            for (int query = 0; query < longest; query++) {
                for (int key = 0; key < longest; key++) {
                    double[] one = {1};
                    mask.part(part).apply(one, (key << 16) + query);
                    all[part / heads][part % heads][query][key] = one[0];
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({"FLOAT,7,33", "FLOAT,1,1", "FLOAT,300,40", "DOUBLE,7,33"})
    void dropoutIsThatOfTheMask(DataType type, int count, int columns) {
        Dropout mask = new Dropout(0.3, -5);
        double[][] x = rounded(rows(random, count, columns, 2), type);
        double[] all = java.util.Arrays.stream(x)
                .flatMapToDouble(java.util.Arrays::stream)
                .toArray();
        mask.apply(all, 0);
        double[][] expected = new double[count][];
        for (int i = 0; i < count; i++) {
            expected[i] = java.util.Arrays.copyOfRange(all, i * columns, (i + 1) * columns);
        }
        INDArray out = result(type, count, columns);

        kernels.dropout(mask, array(x, type), out);
        assertRows(expected, out, 0, 1e-7, "dropout");
        INDArray inPlace = array(x, type);
        kernels.dropout(mask, inPlace, inPlace);
        assertEquals(out, inPlace);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void embeddingSumsThreeTables(DataType type) {
        double[][] word = rounded(rows(random, 11, 8, 1), type);
        double[][] position = rounded(rows(random, 5, 8, 1), type);
        double[][] kind = rounded(rows(random, 2, 8, 1), type);
        int[] words = {10, 0, 3, 3};
        int[] positions = {0, 1, 0, 4};
        int[] types = {0, 1, 1, 0};
        INDArray out = result(type, 4, 8);
        EmbeddingTables tables = new EmbeddingTables(array(word, type), array(position, type), array(kind, type));

        kernels.embed(tables, words, positions, types, out);

        double[][] expected = new double[4][8];
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 8; j++) {
                expected[i][j] = word[words[i]][j] + position[positions[i]][j] + kind[types[i]][j];
            }
        }
        assertRows(expected, out, tolerance(type), tolerance(type), "embedding");
        words[2] = 11;
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> kernels.embed(tables, words, positions, types, out));
        assertEquals("token id 11 in row 2 is outside its table of 11 rows", error.getMessage());
    }

    /** Thousands of rows of few indices: rows that several threads add at once would be lost. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void embeddingGradientAddsEveryRowOfARepeatedIndex(DataType type) {
        int n = 3000;
        double[][] dOut = rounded(rows(random, n, 8, 1), type);
        int[] words = random.ints(n, 0, 40).toArray();
        int[] positions = random.ints(n, 0, 9).toArray();
        int[] types = new int[n];
        EmbeddingTables first = new EmbeddingTables(result(type, 50, 8), result(type, 9, 8), result(type, 2, 8));
        EmbeddingTables again = new EmbeddingTables(result(type, 50, 8), result(type, 9, 8), result(type, 2, 8));

        kernels.embedBackward(array(dOut, type), words, positions, types, first);
        kernels.embedBackward(array(dOut, type), words, positions, types, again);

        double limit = type == DataType.DOUBLE ? 1e-11 : 1e-3; // of sums of up to 3,000 values of size 1
        assertRows(NaiveEncoder.scatter(dOut, words, 50), first.word(), limit, limit, "word");
        assertRows(NaiveEncoder.scatter(dOut, positions, 9), first.position(), limit, limit, "position");
        assertRows(NaiveEncoder.scatter(dOut, types, 2), first.type(), limit, limit, "type");
        assertEquals(0, first.word().sub(again.word()).amaxNumber().doubleValue(), "to the last bit");

        EmbeddingTables one = new EmbeddingTables(result(type, 50, 8), result(type, 9, 8), result(type, 2, 8));
        kernels.embedBackward(array(new double[][] {dOut[0]}, type), new int[] {49}, new int[] {8}, new int[] {1}, one);
        assertRows(new double[][] {dOut[0]}, one.word().getRows(49), 0, 0, "a single row");
        int[] wrong = {50};
        IllegalArgumentException error = assertThrows(
                IllegalArgumentException.class,
                () -> kernels.embedBackward(one.type(), wrong, new int[] {0}, new int[] {0}, one));
        assertEquals("token id 50 in row 0 is outside its table of 50 rows", error.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"FLOAT,c,300,7", "FLOAT,f,300,7", "DOUBLE,c,1,5", "DOUBLE,f,4,1"})
    void columnSums(DataType type, char order, int n, int columns) {
        double[][] x = rounded(rows(random, n, columns, 1), type);
        double[] expected = new double[columns];
        for (double[] row : x) {
            for (int j = 0; j < columns; j++) {
                expected[j] += row[j];
            }
        }
        INDArray flat = result(type, columns + 2);
        INDArray out = flat.get(NDArrayIndex.interval(1, columns + 1));
        kernels.columnSums(array(x, type).dup(order), out);
        double limit = type == DataType.DOUBLE ? 1e-13 : 1e-4;
        assertRows(new double[][] {expected}, out.reshape(1, columns), limit, 0, "sums");
        assertEquals(2, flat.isNaN().castTo(DataType.DOUBLE).sumNumber().intValue(), "nothing else is written");
    }

    @ParameterizedTest
    @CsvSource({"FLOAT,c,7", "FLOAT,f,16", "FLOAT,c,1", "DOUBLE,c,5", "DOUBLE,f,33"})
    void meanRows(DataType type, char order, int columns) {
        PackedLayout layout = PackedLayout.ofLengths(1, 40, 3, 1, 128);
        double[][] x = rounded(rows(random, layout.rows(), columns, 1e3), type);
        double[][] expected = new double[layout.sequences()][columns];
        for (int b = 0; b < expected.length; b++) {
            for (int t = 0; t < layout.length(b); t++) {
                for (int j = 0; j < columns; j++) {
                    expected[b][j] += x[layout.offset(b) + t][j] / layout.length(b);
                }
            }
        }
        INDArray out = result(type, layout.sequences(), columns);
        kernels.meanRows(array(x, type).dup(order), layout, out);
        assertRows(expected, out, type == DataType.DOUBLE ? 1e-10 : 1e-2, 0, "means");
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void softmaxOfExtremeRowsIsFinite(DataType type) {
        double[][] x = {{0, 0, 0, 0}, {1e4, -1e4, 0, 1e4}, {-1e4, -1e4 + 1, -1e4, -1e4}, {1, 2, 3, 4}};
        INDArray out = result(type, 4, 4);
        kernels.softmax(array(x, type), out);
        double e = Math.E;
        double sum = 1 + e + e * e + e * e * e;
        double[][] expected = {
            {0.25, 0.25, 0.25, 0.25},
            {0.5, 0, 0, 0.5},
            {1 / (3 + e), e / (3 + e), 1 / (3 + e), 1 / (3 + e)},
            {1 / sum, e / sum, e * e / sum, e * e * e / sum}
        };
        assertRows(expected, out, tolerance(type), tolerance(type), "softmax");
    }

    @Test
    void resultsThatAreNotRowMajorAreRefused() {
        INDArray x = Nd4j.rand(DataType.FLOAT, 4, 6);
        INDArray columnMajor = Nd4j.create(DataType.FLOAT, new long[] {4, 6}, 'f');
        assertThrows(IllegalArgumentException.class, () -> kernels.gelu(x, columnMajor, null));
        Attention input = new Attention(x, x, x, PackedLayout.ofLengths(4), 2, null);
        INDArray statistics = Nd4j.create(DataType.FLOAT, 2, 2, 4);
        assertThrows(IllegalArgumentException.class, () -> kernels.attention(input, columnMajor, statistics));
    }

    @Test
    void shapesThatDoNotFitAreRefused() {
        INDArray x = Nd4j.rand(DataType.FLOAT, 4, 6);
        PackedLayout layout = PackedLayout.ofLengths(4);
        assertThrows(IllegalArgumentException.class, () -> new Attention(x, x, x, layout, 4, null));
        assertThrows(IllegalArgumentException.class, () -> new Attention(x, x, x, PackedLayout.ofLengths(3), 2, null));
        PackedLayout two = PackedLayout.ofLengths(2, 2);
        assertThrows(IllegalArgumentException.class, () -> new Attention(x, x, x, two, layout, 2, null));
        PackedLayout one = PackedLayout.ofLengths(1);
        assertThrows(IllegalArgumentException.class, () -> new Attention(x, x, x, one, layout, 2, null));
        assertThrows(IllegalArgumentException.class, () -> new Attention(x, x, x, layout, one, 2, null));
    }
}
