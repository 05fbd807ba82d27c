package io.lora4j.parallel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PartsTest {
    @Test
    void everyExampleIsInOnePartAndPartsAreEven() {
        int[] costs = new SplittableRandom(3).ints(33, 5, 60).toArray();
        Parts parts = Parts.of(costs, 3);

        assertEquals(3, parts.count());
        int[] all =
                parts.members().stream().flatMapToInt(Arrays::stream).sorted().toArray();
        assertArrayEquals(IntStream.range(0, 33).toArray(), all);
        int third = IntStream.of(costs).sum() / 3;
        for (int[] members : parts.members()) {
            int cost = IntStream.of(members).map(i -> costs[i]).sum();
            assertEquals(third, cost, 0.02 * third);
        }
    }

    @Test
    void whatCannotBeCutEvenlyStaysWhole() {
        assertEquals(1, Parts.of(new int[] {7}, 2).count());
        assertEquals(1, Parts.of(new int[] {100, 10, 5}, 2).count());
        assertEquals(2, Parts.of(new int[] {10, 10}, 2).count());
        assertArrayEquals(
                new int[] {0, 1, 2},
                Parts.of(new int[] {100, 10, 5}, 2).members().get(0));
    }

    @Test
    void joinUndoesTakeAndLeavesTheArraysAlone() {
        INDArray array = Nd4j.arange(30).castTo(DataType.DOUBLE).reshape('c', 5, 2, 3);
        INDArray before = array.dup();
        Parts parts = Parts.of(new int[] {3, 5, 2, 4, 4}, 2);

        INDArray joined = parts.join(IntStream.range(0, parts.count())
                .mapToObj(part -> parts.take(new INDArray[] {array}, part)[0])
                .toArray(INDArray[]::new));

        assertEquals(before, joined);
        assertEquals(before, array);
        assertArrayEquals(new long[] {5, 2, 3}, array.shape());
    }
}
