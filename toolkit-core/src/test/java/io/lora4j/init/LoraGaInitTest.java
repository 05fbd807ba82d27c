package io.lora4j.init;

import static io.lora4j.golden.Golden.distance;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.init.LoraGaInit.Direction;
import io.lora4j.init.LoraGaInit.Scale;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
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

    private static List<AdapterInitializer> gradientInitializers() {
        return List.of(
                new LoraGaInit(),
                new LoraGaPeftInit(),
                new LoraOneInit(),
                new LoraOneTalkInit(),
                new LoraOneSpectralInit());
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
        InitialAdapter refilled = new LoraGaInit(direction, Scale.STABLE, 16).initialize(Contexts.of(WEIGHT, g, 4, 8));
        InitialAdapter reference =
                new LoraGaInit(direction, Scale.STABLE, 16, Refill.NONE).initialize(Contexts.of(WEIGHT, g, 4, 8));
        IndexPairs indices = direction.pick(4, new SplittableRandom(42));
        for (int i = 0; i < 4; i++) {
            boolean restarted = indices.ofA()[i] >= 5 && indices.ofB()[i] >= 5;
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
                "layer encoder.dense: lora-ga at rank 11 needs 22 singular pairs of the gradient, but a weight [20, 28] has"
                        + " 20: the rank may be at most 10",
                e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0,zero", "NaN,not finite", "Infinity,not finite"})
    void gradientWithoutDirectionsGivesThePlainStart(double entry, String word) {
        INDArray gradient = WEIGHT.mul(0);
        gradient.putScalar(3, 4, entry);
        for (AdapterInitializer init : gradientInitializers()) {
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
    void theRandomDirectionSharesThePairsOutAndDependsOnTheStream() {
        IndexPairs pairs = Direction.RANDOM.pick(4, new SplittableRandom(1));
        int[] all = IntStream.concat(IntStream.of(pairs.ofA()), IntStream.of(pairs.ofB()))
                .sorted()
                .toArray();
        assertArrayEquals(IntStream.range(0, 8).toArray(), all);
        assertArrayEquals(
                pairs.ofA(), Direction.RANDOM.pick(4, new SplittableRandom(1)).ofA());
        long splits = IntStream.range(0, 20)
                .mapToObj(seed -> List.of(IntStream.of(Direction.RANDOM
                                .pick(4, new SplittableRandom(seed))
                                .ofA())
                        .boxed()
                        .toArray()))
                .distinct()
                .count();
        assertTrue(splits > 10, splits + " different splits of 20");
    }

    /** PEFT's random direction gives A and B the same pairs, so A B does not depend on signs and has those singular values. */
    @Test
    void peftsRandomDirectionTakesTheSamePairsOnBothSides() {
        INDArray g = gradientOfRank(8);
        InitialAdapter adapter = new LoraGaPeftInit(Direction.RANDOM, LoraGaPeftInit.Scale.UNIT, 16, Refill.KAIMING)
                .initialize(Contexts.of(WEIGHT, g, 4, 8));
        // A^T G B^T = diag(sigma^2) for the picked pairs.
        INDArray core = adapter.a().transpose().mmul(g).mmul(adapter.b().transpose());
        for (int i = 0; i < 4; i++) {
            double sigma = adapter.b().getRow(i).norm2Number().doubleValue();
            for (int j = 0; j < 4; j++) {
                assertEquals(i == j ? sigma * sigma : 0, core.getDouble(i, j), 1e-12);
            }
        }
    }

    /** ARB2R at a gradient of rank r: all of B is dead, and PEFT would divide by a singular value that is rounding noise. */
    @ParameterizedTest
    @EnumSource(Direction.class)
    void peftsWeightSvdScaleStaysFiniteBeyondTheGradientsRank(Direction direction) {
        for (int rank : new int[] {1, 4, 5, 8}) {
            InitialAdapter adapter = new LoraGaPeftInit(direction, LoraGaPeftInit.Scale.WEIGHT_SVD, 16, Refill.KAIMING)
                    .initialize(Contexts.of(WEIGHT, gradientOfRank(rank), 4, 8));
            // sigma_1(W) / sigma_i times sigma_j, at most: here the gradient's live singular values span less than 1e3.
            assertTrue(
                    adapter.b().amaxNumber().doubleValue() < 1e4,
                    adapter.report().toString());
            assertTrue(Double.isFinite(adapter.a().sumNumber().doubleValue()));
        }
    }

    @Test
    void missingOrMisshapenGradientIsRefused() {
        for (AdapterInitializer init : gradientInitializers()) {
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
        List<AdapterInitializer> all = new ArrayList<>(gradientInitializers());
        all.addAll(List.of(new KaimingInit(), new PissaInit(), new OloraInit()));
        for (AdapterInitializer init : all) {
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
        for (AdapterInitializer init : gradientInitializers()) {
            init.initialize(Contexts.of(weight, gradient, 4, 8));
        }
        new PissaInit().initialize(Contexts.of(weight, null, 4, 8));
        new OloraInit().initialize(Contexts.of(weight, null, 4, 8));
        assertEquals(WEIGHT, weight);
        assertEquals(copy, gradient);
    }
}
