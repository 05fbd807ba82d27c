package io.lora4j.init;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Which singular triplets the columns of A and the rows of B are made of, counted from 0. */
@SuppressWarnings("ArrayRecordComponent") // a value carrier that is never compared
record IndexPairs(int[] ofA, int[] ofB) {
    /** Both factors take triplets 0 to r - 1. */
    static IndexPairs leading(int rank) {
        int[] indices = IntStream.range(0, rank).toArray();
        return new IndexPairs(indices, indices);
    }

    /** A and B share the indices 0 to 2r - 1 between them at random (Fisher and Yates, from the last place down). */
    static IndexPairs randomSplit(int rank, RandomGenerator random) {
        int[] indices = IntStream.range(0, 2 * rank).toArray();
        for (int i = indices.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = indices[i];
            indices[i] = indices[j];
            indices[j] = swapped;
        }
        return new IndexPairs(Arrays.copyOfRange(indices, 0, rank), Arrays.copyOfRange(indices, rank, indices.length));
    }
}
