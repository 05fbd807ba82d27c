package io.lora4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DropoutTest {
    private static final int COUNT = 1 << 20;

    private static double[] mask(Dropout dropout, int count, int first) {
        double[] values = new double[count];
        Arrays.fill(values, 1);
        dropout.apply(values, first);
        return values;
    }

    private static double correlation(double[] a, double[] b, int shift) {
        double product = 0;
        double meanA = Arrays.stream(a).average().orElseThrow();
        double meanB = Arrays.stream(b).average().orElseThrow();
        double squares = 0;
        for (int i = 0; i + shift < a.length; i++) {
            product += (a[i] - meanA) * (b[i + shift] - meanB);
            squares += (a[i] - meanA) * (a[i] - meanA);
        }
        return product / squares;
    }

    /** The definition in 64-bit arithmetic. */
    @Test
    void theHashIsAsItsDocumentationSays() {
        Dropout dropout = new Dropout(0.25, 99);
        double[] actual = mask(dropout, 1000, -500);
        double[] expected = new double[1000];
        long word = 0xffffffffL;
        for (int i = 0; i < 1000; i++) {
            long x = (i - 500 + (dropout.firstKey() & word)) & word;
            x = (x ^ (x >>> 16)) * 0x7feb352dL & word;
            x ^= dropout.secondKey() & word;
            x = (x ^ (x >>> 15)) * 0x846ca68bL & word;
            x ^= x >>> 16;
            expected[i] = x / 4294967296.0 < 0.25 ? 0 : 4 / 3.0;
        }
        assertArrayEquals(expected, actual, 1e-15);
    }

    @Test
    void theRateIsKept() {
        for (double rate : new double[] {0, 0.1, 0.5, 0.9}) {
            double mean = Arrays.stream(mask(new Dropout(rate, 5), COUNT, 0))
                    .average()
                    .orElseThrow();
            // Five standard deviations.
            assertEquals(1, mean, 5 * Math.sqrt(rate / (1 - rate) / COUNT) + 1e-12);
        }
    }

    @Test
    void elementsSeedsAndPartsAreIndependent() {
        double[] mask = mask(new Dropout(0.3, 5), COUNT, 0);
        double limit = 5 / Math.sqrt(COUNT);
        for (int shift : new int[] {1, 2, 16, 384, 65_536}) {
            assertEquals(0, correlation(mask, mask, shift), limit, "shift " + shift);
        }
        assertEquals(0, correlation(mask, mask(new Dropout(0.3, 6), COUNT, 0), 0), limit);
        assertEquals(0, correlation(mask, mask(new Dropout(0.3, 5).part(0), COUNT, 0), 0), limit);
        assertEquals(
                0,
                correlation(
                        mask(new Dropout(0.3, 5).part(0), COUNT, 0), mask(new Dropout(0.3, 5).part(1), COUNT, 0), 0),
                limit);
        assertArrayEquals(Arrays.copyOfRange(mask, 1000, 2000), mask(new Dropout(0.3, 5), 1000, 1000));
    }

    @Test
    void impossibleRatesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Dropout(1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Dropout(-0.1, 1));
    }
}
