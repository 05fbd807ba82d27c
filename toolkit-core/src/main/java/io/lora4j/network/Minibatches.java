package io.lora4j.network;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** The first minibatches of DL4J's iterators, as estimates take them; masks come along. */
public final class Minibatches {
    private Minibatches() {}

    /**
     * The first examples of an iterator.
     *
     * @param data the user's iterator; reset before and after, if it can be
     * @param examples how many; the last minibatch may exceed it
     * @return minibatches, held in memory
     */
    public static List<MultiDataSet> first(DataSetIterator data, long examples) {
        if (data.resetSupported()) {
            data.reset();
        }
        List<MultiDataSet> chosen = new ArrayList<>();
        for (long seen = 0; seen < examples && data.hasNext(); ) {
            DataSet batch = data.next();
            chosen.add(new org.nd4j.linalg.dataset.MultiDataSet(
                    batch.getFeatures(), batch.getLabels(), batch.getFeaturesMaskArray(), batch.getLabelsMaskArray()));
            seen += batch.getLabels().size(0);
        }
        if (data.resetSupported()) {
            data.reset();
        }
        return chosen;
    }

    /**
     * The first examples of an iterator.
     *
     * @param data the user's iterator; reset before and after, if it can be
     * @param examples how many; the last minibatch may exceed it
     * @return minibatches, held in memory
     */
    public static List<MultiDataSet> first(MultiDataSetIterator data, long examples) {
        if (data.resetSupported()) {
            data.reset();
        }
        List<MultiDataSet> chosen = new ArrayList<>();
        for (long seen = 0; seen < examples && data.hasNext(); ) {
            MultiDataSet batch = data.next();
            chosen.add(batch);
            seen += batch.getLabels(0).size(0);
        }
        if (data.resetSupported()) {
            data.reset();
        }
        return chosen;
    }
}
