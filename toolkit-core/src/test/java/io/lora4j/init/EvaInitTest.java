package io.lora4j.init;

import static io.lora4j.golden.Golden.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.TestNetworks;
import io.lora4j.golden.Golden;
import io.lora4j.train.RandomStreams;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.NoOp;

class EvaInitTest {
    private static InputMoments momentsOf(INDArray x) {
        return new InputMoments(x.sum(0), x.transpose().mmul(x), x.size(0));
    }

    private static InitContext context(InputMoments inputs, DataType type, int rank) {
        INDArray weight = Contexts.gaussian(type, (int) inputs.sum().length(), 8, 0.2, 1);
        return new InitContext("encoder.dense", weight, null, inputs, rank, 2, new SplittableRandom(42));
    }

    @ParameterizedTest
    @Tag("golden")
    @CsvSource({"DOUBLE,1e-7", "FLOAT,2e-6"})
    void principalDirectionsOfTheInputsAgree(DataType type, double tolerance) {
        JsonNode golden = Golden.read("eva_init.json");
        InputMoments inputs = momentsOf(Golden.array(golden.get("X")));
        InitialAdapter adapter =
                new EvaInit().initialize(context(inputs, type, golden.get("r").asInt()));
        assertEquals(type, adapter.a().dataType());
        assertEquals(
                0, distance(Golden.transposed(golden.get("A0")), adapter.a().castTo(DataType.DOUBLE)), tolerance);
        assertEquals(0, adapter.b().amaxNumber().doubleValue());
        assertNull(adapter.weightShift());
        assertEquals(0, adapter.report().deadPairs());
    }

    @Test
    void directionsWithoutVarianceStartAsPlainLora() {
        INDArray x = Contexts.gaussian(DataType.DOUBLE, 30, 2, 1, 1)
                .mmul(Contexts.gaussian(DataType.DOUBLE, 2, 6, 1, 2))
                .addRowVector(Contexts.gaussian(DataType.DOUBLE, 1, 6, 3, 3).reshape(6));
        InitialAdapter adapter = new EvaInit().initialize(context(momentsOf(x), DataType.DOUBLE, 4));
        assertEquals(2, adapter.report().deadPairs());
        assertNotNull(adapter.report().note());
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < 2; i++) {
            assertEquals(1, adapter.a().getColumn(i).norm2Number().doubleValue(), 1e-12);
            for (int row = 0; row < 6; row++) {
                double kaiming = (2 * random.nextDouble() - 1) / Math.sqrt(6);
                assertEquals(kaiming, adapter.a().getDouble(row, 2 + i), 1e-15);
            }
        }
        INDArray equalRows = x.mul(0).addi(2);
        assertEquals(
                4,
                new EvaInit()
                        .initialize(context(momentsOf(equalRows), DataType.DOUBLE, 4))
                        .report()
                        .deadPairs());
    }

    @Test
    void missingInputsAreRefusedByName() {
        INDArray weight = Contexts.gaussian(DataType.DOUBLE, 6, 8, 0.2, 1);
        Exception e = assertThrows(
                IllegalArgumentException.class, () -> new EvaInit().initialize(Contexts.of(weight, null, 4, 2)));
        assertEquals("layer encoder.dense: initialiser eva needs the moments of its 6 inputs", e.getMessage());
        assertTrue(new EvaInit().needsInputs());
    }

    /** The moments of the second frozen layer's inputs, against the activations that DL4J gives for its predecessor. */
    @Test
    void theEstimatorSeesEveryRowOnceAndInitialisesAModel() {
        AdaptedModel model = TestNetworks.adapted(DataType.DOUBLE, new NoOp(), WorkspaceMode.ENABLED, 0);
        MultiDataSet first = TestNetworks.data(DataType.DOUBLE, 7, 1);
        MultiDataSet second = TestNetworks.data(DataType.DOUBLE, 4, 2);
        Map<String, InputMoments> moments = new InputMomentsEstimator(new RandomStreams(1))
                .estimate(model, model.adapters().keySet(), List.of(first, second));
        INDArray sum = null;
        INDArray squares = null;
        for (MultiDataSet data : List.of(first, second)) {
            INDArray x = model.graph().feedForward(data.getFeatures(), false).get("encoder.first");
            INDArray part = x.transpose().mmul(x);
            sum = sum == null ? x.sum(0) : sum.add(x.sum(0));
            squares = squares == null ? part : squares.add(part);
        }
        InputMoments seen = moments.get("encoder.second");
        assertNotNull(seen);
        assertEquals(11, seen.rows());
        assertEquals(0, distance(sum, seen.sum()), 1e-13);
        assertEquals(0, distance(squares, seen.squares()), 1e-13);

        AdapterSetup.apply(model, new EvaInit(), null, moments, new RandomStreams(1));
        INDArray a = model.adapters().get("encoder.second").loraA();
        INDArray gram = a.transpose().mmul(a);
        assertEquals(1, gram.getDouble(0, 0), 1e-12);
        assertEquals(0, gram.getDouble(0, 1), 1e-12);
        assertThrows(
                IllegalArgumentException.class,
                () -> AdapterSetup.apply(model, new EvaInit(), null, new RandomStreams(1)));
    }
}
