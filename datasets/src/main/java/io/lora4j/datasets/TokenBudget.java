package io.lora4j.datasets;

import java.util.ArrayList;
import java.util.List;

/** Cuts a list of examples into consecutive batches by the tokens they have. Deterministic. */
final class TokenBudget {
    private TokenBudget() {}

    /**
     * Batches that are as full as can be.
     *
     * @param order indices into the examples
     * @param tokens the most tokens of a batch, but for one that is a single longer example
     * @param most the most examples of a batch
     * @return batches without a gap, in the order given
     */
    static List<List<Integer>> fill(List<Integer> order, List<EncodedExample> examples, int tokens, int most) {
        List<List<Integer>> batches = new ArrayList<>();
        int from = 0;
        long held = 0;
        for (int to = 0; to < order.size(); to++) {
            int length = examples.get(order.get(to)).length();
            if (to > from && (held + length > tokens || to - from == most)) {
                batches.add(List.copyOf(order.subList(from, to)));
                from = to;
                held = 0;
            }
            held += length;
        }
        if (from < order.size()) {
            batches.add(List.copyOf(order.subList(from, order.size())));
        }
        return batches;
    }

    /**
     * A given number of batches with equal shares of all tokens: an example belongs to the share in which its middle lies. So a batch differs
     * from an equal share by at most the length of an example, unless there is no other way for each to have one.
     *
     * @param order indices into the examples
     * @param count batches, at most as many as there are examples
     * @return that many batches of one or more examples, without a gap, in the order given
     */
    static List<List<Integer>> shares(List<Integer> order, List<EncodedExample> examples, int count) {
        long total =
                order.stream().mapToLong(index -> examples.get(index).length()).sum();
        List<List<Integer>> batches = new ArrayList<>();
        int to = 0;
        long before = 0;
        for (int share = 1; share <= count; share++) {
            int from = to;
            int left = count - share;
            while (order.size() - to > left) {
                int length = examples.get(order.get(to)).length();
                boolean inside = (2 * before + length) * count <= 2L * share * total;
                if (to > from && left > 0 && !inside) {
                    break;
                }
                before += length;
                to++;
            }
            batches.add(List.copyOf(order.subList(from, to)));
        }
        return batches;
    }
}
