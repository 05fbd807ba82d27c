package io.lora4j.linalg;

import static io.lora4j.golden.Golden.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class LeadingQrTest {
    private static INDArray random(int rows, int columns) {
        return Nd4j.rand(DataType.DOUBLE, new long[] {rows, columns}).subi(0.5);
    }

    @ParameterizedTest
    @CsvSource({"7,4,4", "7,4,2", "4,7,4", "4,7,3", "5,5,5", "1,1,1"})
    void theLeadingColumnsAreReproduced(int m, int n, int k) {
        INDArray matrix = random(m, n);
        LeadingQr qr = LeadingQr.of(matrix, k);
        INDArray identity = Nd4j.eye(k).castTo(DataType.DOUBLE);
        assertEquals(0, distance(identity, qr.q().transpose().mmul(qr.q())), 1e-14);
        INDArray leading = matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(0, k));
        INDArray product = qr.q().mmul(qr.r());
        assertEquals(0, distance(leading, product.get(NDArrayIndex.all(), NDArrayIndex.interval(0, k))), 1e-14);
        for (int i = 0; i < k; i++) {
            for (int j = 0; j < i; j++) {
                assertEquals(0, qr.r().getDouble(i, j));
            }
        }
        if (k == Math.min(m, n)) {
            assertEquals(0, distance(matrix, product), 1e-14);
        }
    }

    @Test
    void aMatrixWithoutFullRankStillGivesOrthonormalColumns() {
        INDArray matrix = random(6, 1).mmul(random(1, 4));
        LeadingQr qr = LeadingQr.of(matrix, 3);
        INDArray identity = Nd4j.eye(3).castTo(DataType.DOUBLE);
        assertEquals(0, distance(identity, qr.q().transpose().mmul(qr.q())), 1e-14);
        LeadingQr zero = LeadingQr.of(matrix.mul(0), 3);
        assertEquals(0, distance(identity, zero.q().transpose().mmul(zero.q())), 1e-14);
        assertEquals(0, zero.r().amaxNumber().doubleValue());
    }

    @Test
    void tooManyColumnsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> LeadingQr.of(random(3, 5), 4));
    }
}
