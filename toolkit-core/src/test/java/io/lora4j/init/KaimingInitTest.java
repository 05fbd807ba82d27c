package io.lora4j.init;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class KaimingInitTest {
    @Test
    void drawsAUniformlyRowByRowAndLeavesBZero() {
        INDArray weight = Contexts.gaussian(DataType.DOUBLE, 400, 30, 1, 1);
        InitialAdapter adapter = new KaimingInit().initialize(Contexts.of(weight, null, 8, 2));

        assertKaiming(adapter.a(), 400);
        assertEquals(0, adapter.b().amaxNumber().doubleValue());
        assertNull(adapter.weightShift());
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 8; j++) {
                assertEquals((2 * random.nextDouble() - 1) / 20, adapter.a().getDouble(i, j), 1e-17);
            }
        }
    }

    @Test
    void sameStreamSameFactorsOtherStreamOthers() {
        INDArray weight = Contexts.gaussian(DataType.FLOAT, 20, 30, 1, 1);
        InitialAdapter first = new KaimingInit().initialize(Contexts.of(weight, null, 4, 2));
        InitialAdapter again = new KaimingInit().initialize(Contexts.of(weight, null, 4, 2));
        InitialAdapter other =
                new KaimingInit().initialize(new InitContext("x", weight, null, 4, 2, new SplittableRandom(43)));
        assertEquals(first.a(), again.a());
        assertNotEquals(first.a(), other.a());
        assertEquals(DataType.FLOAT, first.a().dataType());
        assertFalse(new KaimingInit().needsGradient());
    }

    @Test
    void rankBeyondTheLayerIsRefusedByName() {
        INDArray weight = Contexts.gaussian(DataType.FLOAT, 20, 3, 1, 1);
        Exception e = assertThrows(
                IllegalArgumentException.class, () -> new KaimingInit().initialize(Contexts.of(weight, null, 4, 2)));
        assertTrue(String.valueOf(e.getMessage()).contains("encoder.dense"), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains("1..3"), e.getMessage());
    }

    /** All entries inside the bound, mean near 0 and variance near bound^2 / 3. */
    static void assertKaiming(INDArray a, int in) {
        double bound = 1 / Math.sqrt(in);
        assertTrue(a.amaxNumber().doubleValue() < bound);
        assertTrue(a.amaxNumber().doubleValue() > 0.8 * bound);
        double n = a.length();
        assertEquals(0, a.meanNumber().doubleValue(), 4 * bound / Math.sqrt(3 * n));
        assertEquals(bound * bound / 3, a.mul(a).meanNumber().doubleValue(), bound * bound * 4 * 0.3 / Math.sqrt(n));
    }
}
