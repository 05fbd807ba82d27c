package io.lora4j.recipes.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StandingsTest {
    private static final int N = 200;
    private static final PairedTests TESTS = new PairedTests(new double[N], DevMetric.accuracy(2), 2_000, 1);

    /** Wrong on the first so many examples with one seed, on one more with the other. */
    private static MethodRuns wrongOn(String method, int count) {
        double[] one = new double[N];
        Arrays.fill(one, 0, count, 1);
        double[] two = one.clone();
        two[count] = 1;
        return new MethodRuns(method, Map.of(1L, one, 2L, two));
    }

    private static final List<MethodRuns> METHODS =
            List.of(wrongOn("bad", 120), wrongOn("lora", 42), wrongOn("best", 40), wrongOn("same", 40));

    @Test
    void theBestAndWhatIsTied() {
        List<Standings.Standing> cells = Standings.best(TESTS, METHODS, 0.05);
        assertEquals(
                List.of("bad", "lora", "best", "same"),
                cells.stream().map(cell -> cell.versus().method()).toList());
        assertEquals(
                List.of(false, false, true, false),
                cells.stream().map(Standings.Standing::best).toList(),
                "the first of equals");
        assertEquals(
                List.of(false, true, true, true),
                cells.stream().map(Standings.Standing::tied).toList());
        assertEquals(1, cells.get(3).versus().p());
        assertEquals(-0.4, cells.get(0).versus().difference(), 1e-12);
        assertEquals(1 - 120.5 / N, cells.get(0).versus().scores().mean(), 1e-12);
        assertEquals(2, cells.get(0).versus().scores().count());
    }

    @Test
    void everyMethodAgainstAReference() {
        List<Standings.Versus> rows = Standings.against(TESTS, "lora", METHODS);
        assertTrue(rows.get(0).significant(0.05));
        assertEquals(new Interval(0, 0), rows.get(1).interval());
        assertEquals(1, rows.get(1).adjustedP());
        double[] p = {rows.get(0).p(), rows.get(2).p(), rows.get(3).p()};
        double[] adjusted = Holm.adjust(p);
        assertEquals(adjusted[0], rows.get(0).adjustedP());
        assertEquals(adjusted[1], rows.get(2).adjustedP());
        assertEquals(adjusted[2], rows.get(3).adjustedP());
        assertEquals(3.0 / 2001, adjusted[0], 1e-12, "none of the resamples is as extreme; three comparisons");
        assertTrue(rows.get(2).difference() > 0 && rows.get(0).difference() < 0);
        assertTrue(rows.get(0).interval().high() < 0);
        assertFalse(rows.get(3).significant(0.05));
    }

    @Test
    void aMethodWithFewerSeedsIsComparedOverThose() {
        MethodRuns fewer = METHODS.get(0).only(Set.of(2L));
        Standings.Versus versus =
                Standings.against(TESTS, "lora", List.of(fewer, METHODS.get(1))).get(0);
        assertEquals((43.0 - 121) / N, versus.difference(), 1e-12);
        assertEquals(1, versus.scores().count());
        MethodRuns other = new MethodRuns("other", Map.of(7L, new double[N]));
        UserException e = assertThrows(
                UserException.class, () -> Standings.against(TESTS, "lora", List.of(other, METHODS.get(1))));
        assertTrue(e.getMessage().contains("[7]"), e.getMessage());
    }

    @Test
    void oneMethodIsTheBest() {
        Standings.Standing only =
                Standings.best(TESTS, METHODS.subList(0, 1), 0.05).get(0);
        assertTrue(only.best() && only.tied());
    }

    @Test
    void refusesAnUnknownReferenceAndNoMethods() {
        UserException e = assertThrows(UserException.class, () -> Standings.against(TESTS, "lora-one", METHODS));
        assertEquals("the reference lora-one is none of the methods [bad, lora, best, same]", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Standings.best(TESTS, List.of(), 0.05));
        assertThrows(IllegalArgumentException.class, () -> Standings.best(TESTS, METHODS, 0));
    }
}
