package io.lora4j.recipes.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Against scipy 1.17's {@code ttest_ind(a, b, equal_var=False)} and its {@code confidence_interval}. */
class WelchTest {
    private static final Spread A = Spread.of(List.of(77.0, 78.2, 76.5, 77.9, 79.1));
    private static final Spread B = Spread.of(List.of(75.1, 76.4, 74.0));

    private static void assertWelch(Welch welch, double t, double df, double p, double low, double high) {
        assertEquals(t, welch.difference() / welch.standardError(), 1e-10);
        assertEquals(df, welch.degreesOfFreedom(), 1e-10);
        assertEquals(p, welch.p(), 1e-10);
        assertEquals(low, welch.interval().low(), 1e-9);
        assertEquals(high, welch.interval().high(), 1e-9);
    }

    @Test
    @Tag("golden")
    void equalsScipy() {
        assertWelch(
                Welch.of(A, B).orElseThrow(),
                3.098578009604701,
                3.757145936614886,
                0.03946121920343262,
                0.20754194696026396,
                4.939124719706411);
        assertWelch(
                Welch.of(A, B, 0.99).orElseThrow(),
                3.098578009604701,
                3.757145936614886,
                0.03946121920343262,
                -1.4244607033071568,
                6.571127369973832);
        assertWelch(
                Welch.of(Spread.of(List.of(0.1, 0.4)), Spread.of(List.of(0.2, 0.9, 0.5, 0.3)))
                        .orElseThrow(),
                -1.0438803085865298,
                3.0940747039425927,
                0.3711395909045849,
                -0.8993015239917725,
                0.44930152399177253);
    }

    /** Equal sizes and variances: Student's test with 2n - 2 degrees of freedom; t(2) has the quantile (2p - 1) sqrt(2 / (1 - (2p - 1)^2)). */
    @Test
    void aClosedForm() {
        Welch welch = Welch.of(Spread.of(List.of(1.0, 3.0)), Spread.of(List.of(2.0, 4.0)))
                .orElseThrow();
        assertEquals(2, welch.degreesOfFreedom(), 1e-12);
        double half = Math.sqrt(2) * 0.95 * Math.sqrt(2 / (1 - 0.95 * 0.95));
        assertEquals(-1 - half, welch.interval().low(), 1e-9);
        assertEquals(-1 + half, welch.interval().high(), 1e-9);
        assertTrue(welch.interval().contains(0));
    }

    @Test
    void withoutVarianceNothingIsNaN() {
        assertTrue(Welch.of(A, Spread.of(List.of(1.0))).isEmpty());
        Spread constant = Spread.of(List.of(0.5, 0.5, 0.5));
        Welch same = Welch.of(constant, constant).orElseThrow();
        assertEquals(new Welch(0, 0, 4, new Interval(0, 0), 0.95, 1), same);
        Welch other = Welch.of(constant, Spread.of(List.of(0.25, 0.25))).orElseThrow();
        assertEquals(new Welch(0.25, 0, 3, new Interval(0.25, 0.25), 0.95, 0), other);
        Welch half = Welch.of(constant, Spread.of(List.of(0.2, 0.4))).orElseThrow();
        assertEquals(1, half.degreesOfFreedom(), 1e-12);
        assertTrue(half.p() > 0 && half.p() < 1);
        assertThrows(IllegalArgumentException.class, () -> Welch.of(A, B, 1));
    }
}
