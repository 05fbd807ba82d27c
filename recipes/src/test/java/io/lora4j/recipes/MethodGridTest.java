package io.lora4j.recipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.recipes.method.HeadOnlySettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MethodGridTest {
    /** Every beginning of the list, for every shape of the table: no pair twice, rows and columns equally often but for one. */
    @Test
    void everyBeginningIsBalanced() {
        for (int rows = 1; rows <= 9; rows++) {
            for (int columns = 1; columns <= 9; columns++) {
                int[] byRow = new int[rows];
                int[] byColumn = new int[columns];
                Set<List<Integer>> seen = new HashSet<>();
                for (int[] pair : MethodGrid.diagonals(rows, columns)) {
                    assertTrue(seen.add(List.of(pair[0], pair[1])), rows + " x " + columns + ": a pair twice");
                    byRow[pair[0]]++;
                    byColumn[pair[1]]++;
                    assertBalanced(byRow);
                    assertBalanced(byColumn);
                }
                assertEquals(rows * columns, seen.size());
            }
        }
    }

    private static void assertBalanced(int[] counts) {
        int most = 0;
        int fewest = Integer.MAX_VALUE;
        for (int count : counts) {
            most = Math.max(most, count);
            fewest = Math.min(fewest, count);
        }
        assertTrue(most - fewest <= 1, () -> "not balanced: " + Arrays.toString(counts));
    }

    @Test
    void theSeedDrawsWhichPairsAreTried() {
        List<MethodGrid.Point> points = new ArrayList<>();
        for (String gamma : List.of("16", "64", "256")) {
            points.add(new MethodGrid.Point(Map.of("gamma", gamma), new HeadOnlySettings()));
        }
        MethodGrid grid = new MethodGrid(List.of(), points);
        List<Double> rates = List.of(1e-4, 3e-4, 1e-3, 3e-3);
        List<Candidate> some = grid.candidates(rates, 4, 1);
        assertEquals(some, grid.candidates(rates, 4, 1));
        assertEquals(
                Set.copyOf(rates), some.stream().map(Candidate::learningRate).collect(Collectors.toSet()));
        assertEquals(3, some.stream().map(Candidate::gridText).distinct().count(), "every gamma");
        Set<List<Candidate>> draws = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            draws.add(grid.candidates(rates, 4, seed));
        }
        assertNotEquals(1, draws.size(), "the seed has a part");
        assertEquals(12, Set.copyOf(grid.candidates(rates, 12, 1)).size(), "all pairs");
    }
}
