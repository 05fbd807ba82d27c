package io.lora4j.datasets;

import io.lora4j.train.BatchSource;
import io.lora4j.train.RandomStreams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Training batches whose examples have similar lengths, in random order.
 *
 * <p>Each epoch: the examples are shuffled, cut into chunks of {@code groupFactor} batches, each chunk is sorted by length and
 * cut into batches, and the batches of all chunks are shuffled. Only the last chunk can end with a partial batch; it is an
 * optimiser step of its own. The order depends on the run's seed and the epoch alone ({@link RandomStreams#DATA}), so all
 * methods of a comparison see the same batches. Immutable; safe for several readers.
 */
public final class LengthGroupedBatches implements BatchSource {
    private final List<EncodedExample> examples;
    private final int batchSize;
    private final int microBatch;
    private final int groupFactor;
    private final int labels;
    private final DataType dtype;
    private final RandomStreams streams;

    /**
     * @param examples one or more training examples
     * @param batchSize examples per optimiser step
     * @param microBatch the most examples laid out at once; a step is cut into consecutive pieces of this size; 0 for no cut
     * @param groupFactor batches per chunk that is sorted by length; 1 is a plain shuffle
     * @param labels number of classes
     * @param dtype the network's data type
     * @param streams the run's random streams
     */
    public LengthGroupedBatches(
            List<EncodedExample> examples,
            int batchSize,
            int microBatch,
            int groupFactor,
            int labels,
            DataType dtype,
            RandomStreams streams) {
        if (examples.isEmpty() || batchSize < 1 || microBatch < 0 || groupFactor < 1) {
            throw new IllegalArgumentException("needs examples (" + examples.size() + "), a batch size (" + batchSize
                    + ") and group factor (" + groupFactor + ") of 1 or more and a micro-batch (" + microBatch
                    + ") of 0 or more");
        }
        this.examples = List.copyOf(examples);
        this.batchSize = batchSize;
        this.microBatch = microBatch == 0 ? batchSize : Math.min(microBatch, batchSize);
        this.groupFactor = groupFactor;
        this.labels = labels;
        this.dtype = dtype;
        this.streams = streams;
    }

    @Override
    public int exampleCount() {
        return examples.size();
    }

    @Override
    public int stepsPerEpoch() {
        return (examples.size() - 1) / batchSize + 1;
    }

    /**
     * Which examples each step of an epoch holds.
     *
     * @param epoch the epoch, counted from 0
     * @return one list per step, of indices into the examples; every index occurs once
     */
    public List<List<Integer>> order(int epoch) {
        SplittableRandom random = new SplittableRandom(streams.seedOf(RandomStreams.DATA, epoch));
        List<Integer> shuffled = ExampleSample.shuffle(examples.size(), random);
        int chunkSize = (int) Math.min((long) groupFactor * batchSize, Integer.MAX_VALUE);
        List<List<Integer>> steps = new ArrayList<>();
        for (List<Integer> part : cut(shuffled, chunkSize)) {
            List<Integer> chunk = new ArrayList<>(part);
            if (groupFactor > 1) {
                chunk.sort(Comparator.comparingInt(index -> examples.get(index).length()));
            }
            steps.addAll(cut(chunk, batchSize));
        }
        return ExampleSample.shuffle(steps.size(), random).stream()
                .map(steps::get)
                .toList();
    }

    @Override
    public Iterable<List<MultiDataSet>> epoch(int epoch) {
        List<List<Integer>> order = order(epoch);
        return () -> {
            Iterator<List<Integer>> steps = order.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return steps.hasNext();
                }

                @Override
                public List<MultiDataSet> next() {
                    return collate(steps.next());
                }
            };
        };
    }

    private List<MultiDataSet> collate(List<Integer> step) {
        List<MultiDataSet> pieces = new ArrayList<>();
        for (List<Integer> piece : cut(step, microBatch)) {
            pieces.add(PackedBatch.collate(piece.stream().map(examples::get).toList(), labels, dtype));
        }
        return Collections.unmodifiableList(pieces);
    }

    /** Consecutive pieces of a list, all of one size but the last. */
    static <T> List<List<T>> cut(List<T> list, int size) {
        List<List<T>> pieces = new ArrayList<>();
        for (int from = 0; from < list.size(); from += size) {
            pieces.add(List.copyOf(list.subList(from, from + Math.min(size, list.size() - from))));
        }
        return pieces;
    }
}
