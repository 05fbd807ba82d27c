package io.lora4j.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HoldOutTest {
    /** Two classes, 3 to 1, and a dev set that must not be seen. */
    private static TaskData task(int size) {
        List<Example> train = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            train.add(new Example("example " + i, null, i % 4 == 0 ? 1 : 0));
        }
        List<Example> dev = List.of(new Example("dev", null, 0));
        return new TaskData("made up", List.of("no", "yes"), false, train, dev, Map.of("train.tsv", "abc"));
    }

    @ParameterizedTest
    @CsvSource({"400, 0.1, 30, 10", "400, 0.5, 150, 50", "10, 0.2, 1, 1", "4, 0.3, 1, 0"})
    void everyClassGivesItsShare(int size, double share, int ofFirst, int ofSecond) {
        TaskData data = task(size);
        TaskData split = HoldOut.split(data, share);

        assertArrayEquals(new int[] {ofFirst, ofSecond}, split.labelCounts(split.dev()));
        List<Example> both = new ArrayList<>(split.train());
        both.addAll(split.dev());
        assertEquals(size, both.size());
        assertTrue(both.containsAll(data.train()), "every example is on one side");
        assertTrue(split.train().stream().noneMatch(split.dev()::contains), "and on no other");
        assertEquals(data.train().stream().filter(split.train()::contains).toList(), split.train(), "in file order");
        assertEquals(data.train().stream().filter(split.dev()::contains).toList(), split.dev());
        assertEquals(data.sha256ByFile(), split.sha256ByFile());
    }

    @Test
    void isTheSameEveryTimeAndNotTheFirstOnes() {
        TaskData data = task(400);
        TaskData split = HoldOut.split(data, 0.1);
        assertEquals(split, HoldOut.split(data, 0.1));
        assertNotEquals(data.train().subList(0, 40), split.dev());
    }

    @Test
    void scoresAreDrawnFromAll() {
        List<Example> train = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            train.add(new Example("a " + i, "b " + i, new Target.Score(i / 10.0)));
        }
        TaskData data = new TaskData("scores", List.of(), true, train, train.subList(0, 1), Map.of());
        TaskData split = HoldOut.split(data, 0.2);
        assertEquals(10, split.dev().size());
        assertEquals(40, split.train().size());
        assertTrue(split.train().stream().noneMatch(split.dev()::contains));
    }

    @Test
    void refusesAnEmptySide() {
        DataException none = assertThrows(DataException.class, () -> HoldOut.split(task(4), 0.01));
        assertTrue(String.valueOf(none.getMessage()).contains("leaves 4 to train on and 0 to evaluate on"));
        assertThrows(DataException.class, () -> HoldOut.split(task(4), 0.99));
    }
}
