package io.lora4j.init;

import static io.lora4j.golden.Golden.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.init.LoraGaInit.Direction;
import io.lora4j.init.LoraGaInit.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

class LoraGaInitTest {
    private static final INDArray WEIGHT = Contexts.gaussian(DataType.DOUBLE, 20, 28, 0.2, 1);

    private static INDArray gradientOfRank(int rank) {
        return Contexts.gaussian(DataType.DOUBLE, 20, rank, 0.1, 2)
                .mmul(Contexts.gaussian(DataType.DOUBLE, rank, 28, 0.1, 3));
    }

    /** Rank 4 asks for 8 pairs. The dead ones: those with at least one index beyond the gradient's rank. */
    @ParameterizedTest
    @CsvSource({
        "ARB2R,8,0,0",
        "ARB2R,6,2,0",
        "ARB2R,4,4,0",
        "ARB2R,3,4,1",
        "A2RBR,8,0,0",
        "A2RBR,6,2,0",
        "A2RBR,3,4,1",
        "ARBR,8,0,0",
        "ARBR,7,1,0",
        "ARBR,6,1,1",
        "ARBR,3,3,2"
    })
    void countsDeadPairsAndRestartsThoseWithoutAnyDirection(Direction direction, int rank, int dead, int restarted) {
        InitContext context = Contexts.of(WEIGHT, gradientOfRank(rank), 4, 8);
        InitialAdapter adapter = new LoraGaInit(direction, Scale.STABLE, 16).initialize(context);
        assertEquals(dead, adapter.report().deadPairs());
        int kaiming = 0;
        double factor = Math.pow(28, 0.25) / 4;
        for (int i = 0; i < 4; i++) {
            double normA = adapter.a().getColumn(i).norm2Number().doubleValue();
            double normB = adapter.b().getRow(i).norm2Number().doubleValue();
            assertTrue(normA > 0 || normB > 0, "pair " + i + " could never train");
            boolean unitA = Math.abs(normA - factor) < 1e-12;
            boolean unitB = Math.abs(normB - factor) < 1e-12;
            if (!unitA && !unitB) {
                KaimingInitTest.assertKaiming(adapter.a().getColumn(i), 20);
                assertEquals(0, normB);
                kaiming++;
            }
        }
        assertEquals(restarted, kaiming);
        if (dead == 0) {
            assertNull(adapter.report().note());
        } else {
            assertNotNull(adapter.report().note());
        }
    }

    /** What the class comment promises: dropping a null-space vector does not change the first gradient step. */
    @ParameterizedTest
    @EnumSource(Direction.class)
    void firstStepIsThatOfTheReferenceWherePairsHaveADirection(Direction direction) {
        INDArray g = gradientOfRank(5);
        InitContext context = Contexts.of(WEIGHT, g, 4, 8);
        InitialAdapter refilled = new LoraGaInit(direction, Scale.STABLE, 16).initialize(context);
        InitialAdapter reference = new LoraGaInit(direction, Scale.STABLE, 16, Refill.NONE).initialize(context);
        for (int i = 0; i < 4; i++) {
            boolean restarted = direction.indexOfA(i, 4) >= 5 && direction.indexOfB(i, 4) >= 5;
            if (!restarted) {
                // dB_i = -s A_i^T G and dA_i = -s G B_i^T, compared up to the sum over the pair's two sides.
                assertEquals(0, distance(stepOfB(refilled, g, i), stepOfB(reference, g, i)), 1e-12);
                assertEquals(0, distance(stepOfA(refilled, g, i), stepOfA(reference, g, i)), 1e-12);
            }
        }
    }

    private static INDArray stepOfB(InitialAdapter adapter, INDArray g, int i) {
        return adapter.a()
                .get(NDArrayIndex.all(), NDArrayIndex.interval(i, i + 1))
                .transpose()
                .mmul(g);
    }

    private static INDArray stepOfA(InitialAdapter adapter, INDArray g, int i) {
        return g.mmul(adapter.b()
                .get(NDArrayIndex.interval(i, i + 1), NDArrayIndex.all())
                .transpose());
    }

    @Test
    void tooLargeARankNamesLayerRankAndLimit() {
        InitContext context = Contexts.of(WEIGHT, gradientOfRank(8), 11, 8);
        Exception e = assertThrows(IllegalArgumentException.class, () -> new LoraGaInit().initialize(context));
        assertEquals(
                "layer encoder.dense: LoRA-GA at rank 11 needs 22 singular pairs of the gradient, but a weight [20, 28] has"
                        + " 20: the rank may be at most 10",
                e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0,zero", "NaN,not finite", "Infinity,not finite"})
    void gradientWithoutDirectionsGivesThePlainStart(double entry, String word) {
        INDArray gradient = WEIGHT.mul(0);
        gradient.putScalar(3, 4, entry);
        for (AdapterInitializer init : new AdapterInitializer[] {new LoraGaInit(), new LoraOneInit()}) {
            InitialAdapter adapter = init.initialize(Contexts.of(WEIGHT, gradient, 4, 8));
            InitialAdapter plain = new KaimingInit().initialize(Contexts.of(WEIGHT, null, 4, 8));
            assertEquals(plain.a(), adapter.a());
            assertEquals(0, adapter.b().amaxNumber().doubleValue());
            assertNull(adapter.weightShift());
            assertNotNull(adapter.report().note());
            assertTrue(adapter.report().note().contains(word), adapter.report().note());
            assertEquals(init.name(), adapter.report().initializer());
            assertEquals(4, adapter.report().deadPairs());
        }
    }

    @Test
    void missingOrMisshapenGradientIsRefused() {
        for (AdapterInitializer init : new AdapterInitializer[] {new LoraGaInit(), new LoraOneInit()}) {
            assertTrue(init.needsGradient());
            assertThrows(IllegalArgumentException.class, () -> init.initialize(Contexts.of(WEIGHT, null, 4, 8)));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> init.initialize(Contexts.of(WEIGHT, gradientOfRank(8).transpose(), 4, 8)));
        }
    }

    @Test
    void relativeUpdateIsTheRatioOfNorms() {
        InitContext context = Contexts.of(WEIGHT, gradientOfRank(8), 4, 8);
        InitialAdapter adapter = new LoraGaInit().initialize(context);
        assertNotNull(adapter.weightShift());
        double expected = adapter.weightShift().norm2Number().doubleValue()
                / WEIGHT.norm2Number().doubleValue();
        assertEquals(expected, adapter.report().relativeUpdate(), 1e-12 * expected);
    }

    /** Checkpoints hold [out, in] row by row; the weight is a transposed view of that, and the order must not matter. */
    @Test
    void memoryOrderOfWeightAndGradientDoesNotMatter() {
        INDArray gradient = gradientOfRank(8);
        INDArray columnWeight = WEIGHT.dup('f');
        INDArray viewOfGradient = gradient.transpose().dup('c').transpose();
        for (AdapterInitializer init :
                new AdapterInitializer[] {new LoraGaInit(), new LoraOneInit(), new KaimingInit()}) {
            InitialAdapter rowOrder = init.initialize(Contexts.of(WEIGHT, gradient, 4, 8));
            InitialAdapter columnOrder = init.initialize(Contexts.of(columnWeight, viewOfGradient, 4, 8));
            assertEquals(0, distance(rowOrder.a(), columnOrder.a()));
            assertEquals(0, distance(rowOrder.b(), columnOrder.b()));
        }
    }

    @Test
    void inputsAreOnlyRead() {
        INDArray weight = WEIGHT.dup();
        INDArray gradient = gradientOfRank(8);
        INDArray copy = gradient.dup();
        new LoraGaInit().initialize(Contexts.of(weight, gradient, 4, 8));
        new LoraOneInit().initialize(Contexts.of(weight, gradient, 4, 8));
        assertEquals(WEIGHT, weight);
        assertEquals(copy, gradient);
    }
}
