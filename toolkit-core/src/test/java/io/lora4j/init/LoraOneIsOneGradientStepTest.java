package io.lora4j.init;

import static io.lora4j.golden.Golden.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** W + s A B = W - eta P_r(G), with P_r from LAPACK's gesvd, not from the class under test. */
class LoraOneIsOneGradientStepTest {
    @ParameterizedTest
    @CsvSource({"24,40,4,DOUBLE,1e-12", "40,24,4,DOUBLE,1e-12", "16,16,16,DOUBLE,1e-12", "24,40,4,FLOAT,1e-6"})
    void effectiveWeightIsOneStepOfRankR(int in, int out, int rank, DataType type, double tolerance) {
        INDArray weight = Contexts.gaussian(type, in, out, 0.3, 1);
        INDArray gradient = Contexts.gaussian(type, in, out, 0.02, 2);
        InitContext context = Contexts.of(weight, gradient, rank, 16 / Math.sqrt(rank));
        InitialAdapter adapter = new LoraOneInit().initialize(context);

        assertNotNull(adapter.report().effectiveStep());
        double eta = adapter.report().effectiveStep();
        INDArray expected = weight.castTo(DataType.DOUBLE)
                .sub(bestRank(gradient.castTo(DataType.DOUBLE), rank).mul(eta));
        assertEquals(0, distance(expected, Contexts.effectiveWeight(context, adapter)), tolerance);
    }

    @Test
    void refilledPairsLeaveTheStepAsItIs() {
        INDArray weight = Contexts.gaussian(DataType.DOUBLE, 12, 9, 0.3, 1);
        INDArray gradient =
                Contexts.gaussian(DataType.DOUBLE, 12, 2, 1, 2).mmul(Contexts.gaussian(DataType.DOUBLE, 2, 9, 1, 3));
        InitContext context = Contexts.of(weight, gradient, 5, 2);
        InitialAdapter adapter = new LoraOneInit().initialize(context);

        assertEquals(3, adapter.report().deadPairs());
        assertNotNull(adapter.report().note());
        assertNotNull(adapter.report().effectiveStep());
        INDArray expected = weight.sub(gradient.mul(adapter.report().effectiveStep()));
        assertEquals(0, distance(expected, Contexts.effectiveWeight(context, adapter)), 1e-12);
        INDArray refilledA = adapter.a().get(NDArrayIndex.all(), NDArrayIndex.interval(2, 5));
        INDArray refilledB = adapter.b().get(NDArrayIndex.interval(2, 5), NDArrayIndex.all());
        assertEquals(0, refilledB.amaxNumber().doubleValue());
        KaimingInitTest.assertKaiming(refilledA, 12);
    }

    @Test
    void withoutRefillDeadPairsAreNegligible() {
        INDArray gradient =
                Contexts.gaussian(DataType.DOUBLE, 12, 2, 1, 2).mmul(Contexts.gaussian(DataType.DOUBLE, 2, 9, 1, 3));
        InitContext context = Contexts.of(gradient, gradient, 5, 2);
        InitialAdapter adapter = new LoraOneInit(128, Refill.NONE).initialize(context);
        assertEquals(3, adapter.report().deadPairs());
        assertEquals(
                0,
                adapter.a()
                        .get(NDArrayIndex.all(), NDArrayIndex.interval(2, 5))
                        .amaxNumber()
                        .doubleValue(),
                1e-8);
    }

    /** sum_{i<r} s_i u_i v_i^T by LAPACK. */
    private static INDArray bestRank(INDArray m, int rank) {
        INDArray s = Nd4j.create(DataType.DOUBLE, Math.min(m.rows(), m.columns()));
        INDArray u = Nd4j.create(DataType.DOUBLE, new long[] {m.rows(), m.rows()}, 'f');
        INDArray vt = Nd4j.create(DataType.DOUBLE, new long[] {m.columns(), m.columns()}, 'f');
        Nd4j.getBlasWrapper().lapack().gesvd(m.dup('f'), s, u, vt);
        INDArray best = Nd4j.create(DataType.DOUBLE, m.rows(), m.columns());
        for (int i = 0; i < rank; i++) {
            INDArray column = u.getColumn(i, true).mul(s.getDouble(i));
            best.addi(column.mmul(vt.getRow(i, true)));
        }
        return best;
    }
}
