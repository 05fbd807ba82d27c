package io.lora4j.recipes.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class HolmTest {
    /** By hand: sorted 0.005 x 4, 0.01 x 3, 0.03 x 2, and 0.04 x 1 lifted to the one before. */
    @Test
    void stepsDown() {
        double[] p = {0.01, 0.04, 0.03, 0.005};
        assertArrayEquals(new double[] {0.03, 0.06, 0.06, 0.02}, Holm.adjust(p), 1e-15);
        assertArrayEquals(new double[] {0.01, 0.04, 0.03, 0.005}, p, "only read");
    }

    @Test
    void staysAProbability() {
        assertArrayEquals(new double[] {1, 1, 1}, Holm.adjust(new double[] {0.5, 1, 0.9}));
        assertArrayEquals(new double[] {0.2}, Holm.adjust(new double[] {0.2}));
        assertEquals(0, Holm.adjust(new double[0]).length);
        assertThrows(IllegalArgumentException.class, () -> Holm.adjust(new double[] {Double.NaN}));
        assertThrows(IllegalArgumentException.class, () -> Holm.adjust(new double[] {1.1}));
    }
}
