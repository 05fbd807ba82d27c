package io.lora4j.parallel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Which examples of a batch make up which part.
 *
 * @param members the examples of every part, ascending; every example in exactly one part
 */
record Parts(List<int[]> members) {
    /** Of a part's ideal share; beyond it all threads together are faster on the whole than one is on its part. */
    private static final double WORST = 1.3;

    /**
     * Cuts a batch: the examples, from the dearest on, each to the part that is cheapest so far (Graham, SIAM Journal on Applied
     * Mathematics 17, 1969). Deterministic.
     *
     * @return the parts; a single one if the batch has too few examples to be cut evenly
     */
    static Parts of(int[] costs, int parts) {
        Integer[] order = IntStream.range(0, costs.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingInt((Integer i) -> costs[i]).reversed());
        long[] sums = new long[parts];
        int[] owner = new int[costs.length];
        for (int example : order) {
            int least = 0;
            for (int part = 1; part < parts; part++) {
                if (sums[part] < sums[least]) {
                    least = part;
                }
            }
            owner[example] = least;
            sums[least] += costs[example];
        }
        long most = Arrays.stream(sums).max().orElse(0);
        long all = Arrays.stream(sums).sum();
        boolean even = costs.length >= parts && most * parts <= WORST * all;
        List<int[]> members = new ArrayList<>();
        for (int part = 0; part < (even ? parts : 1); part++) {
            int wanted = part;
            members.add(IntStream.range(0, costs.length)
                    .filter(i -> !even || owner[i] == wanted)
                    .toArray());
        }
        return new Parts(members);
    }

    int count() {
        return members.size();
    }

    /** The examples of one part, in new arrays. */
    INDArray[] take(INDArray[] arrays, int part) {
        INDArray[] taken = new INDArray[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            taken[i] = take(arrays[i], members.get(part));
        }
        return taken;
    }

    private static INDArray take(INDArray array, int[] rows) {
        long[] shape = array.shape().clone();
        INDArray flat = array.dup('c').reshape('c', shape[0], array.length() / shape[0]);
        shape[0] = rows.length;
        return Nd4j.pullRows(flat, 1, rows, 'c').reshape('c', shape);
    }

    /** Puts the parts' rows where their examples stood. */
    INDArray join(INDArray[] results) {
        long[] shape = results[0].shape().clone();
        long columns = results[0].length() / shape[0];
        shape[0] = Arrays.stream(results).mapToLong(result -> result.size(0)).sum();
        int[] from = new int[(int) shape[0]];
        int next = 0;
        for (int[] rows : members) {
            for (int row : rows) {
                from[row] = next++;
            }
        }
        INDArray[] flat = Arrays.stream(results)
                .map(result -> result.dup('c').reshape('c', result.size(0), columns))
                .toArray(INDArray[]::new);
        return Nd4j.pullRows(Nd4j.concat(0, flat), 1, from, 'c').reshape('c', shape);
    }
}
