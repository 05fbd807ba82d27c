package io.lora4j.datasets;

import io.lora4j.train.RandomStreams;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A part of the training set in the dev set's place: what settings are chosen on, so that the dev set they are reported on has had no part in the
 * choice.
 *
 * <p>Of every class (of all examples, where the task asks for scores) the same share is held out, drawn without replacement; which examples they are depends on the data alone, not on a run's
 * seed, so all trials of a search see the same. File order is kept on both sides.
 */
public final class HoldOut {
    private static final String STREAM = "holdout";
    private static final RandomStreams DRAW = new RandomStreams(1);

    private HoldOut() {}

    /**
     * Splits the training set.
     *
     * @param data a task; its dev set is left out
     * @param share of the examples, above 0 and below 1; rounded to whole examples
     * @return the task with the rest as training set and the share as dev set
     * @throws DataException if the share, or the rest, comes to no example
     */
    public static TaskData split(TaskData data, double share) {
        List<Example> all = data.train();
        BitSet held = new BitSet(all.size());
        List<List<Integer>> strata = strata(data);
        for (int stratum = 0; stratum < strata.size(); stratum++) {
            List<Integer> members = strata.get(stratum);
            SplittableRandom random = new SplittableRandom(DRAW.seedOf(STREAM, stratum));
            List<Integer> order = ExampleSample.shuffle(members.size(), random);
            long count = Math.round(share * members.size());
            for (int i = 0; i < count; i++) {
                held.set(members.get(order.get(i)));
            }
        }
        List<Example> train = new ArrayList<>();
        List<Example> dev = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            (held.get(i) ? dev : train).add(all.get(i));
        }
        if (dev.isEmpty() || train.isEmpty()) {
            throw new DataException("data.holdout: " + share + " of " + all.size() + " training examples leaves "
                    + train.size() + " to train on and " + dev.size() + " to evaluate on; both need one or more");
        }
        return new TaskData(data.task(), data.labels(), data.pair(), train, dev, data.sha256ByFile());
    }

    /** Positions of the examples of every class; of all examples where the task asks for scores. */
    private static List<List<Integer>> strata(TaskData data) {
        boolean scores = data.scores();
        List<List<Integer>> strata = new ArrayList<>();
        for (int label = 0; label < Math.max(1, data.labels().size()); label++) {
            strata.add(new ArrayList<>());
        }
        for (int i = 0; i < data.train().size(); i++) {
            strata.get(scores ? 0 : data.train().get(i).label()).add(i);
        }
        return strata;
    }
}
