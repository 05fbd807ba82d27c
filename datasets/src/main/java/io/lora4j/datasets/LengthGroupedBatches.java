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
 * cut into batches, and the batches of all chunks are shuffled. Where a batch is a number of examples, only the last chunk can end with a
 * partial one; it is an optimiser step of its own. Where it is a number of tokens, the sorted chunks are joined and cut into equal shares of all
 * tokens, so every step costs the same. The step with the most tokens changes places with the first one, so that a run shows at once
 * how much memory it takes (as Hugging Face's {@code LengthGroupedSampler} does: transformers, {@code trainer_pt_utils.py}). The order depends on the run's seed and the epoch alone ({@link RandomStreams#DATA}), so all
 * methods of a comparison see the same batches. Immutable; safe for several readers.
 */
public final class LengthGroupedBatches implements BatchSource {
    private final List<EncodedExample> examples;
    private final StepSize size;
    private final int groupFactor;
    private final int outputs;
    private final DataType dtype;
    private final RandomStreams streams;

    /**
     * @param examples one or more training examples
     * @param size what a step holds
     * @param groupFactor batches per chunk that is sorted by length; 1 is a plain shuffle
     * @param outputs number of classes; 1 for scores
     * @param dtype the network's data type
     * @param streams the run's random streams
     */
    public LengthGroupedBatches(
            List<EncodedExample> examples,
            StepSize size,
            int groupFactor,
            int outputs,
            DataType dtype,
            RandomStreams streams) {
        if (examples.isEmpty() || groupFactor < 1) {
            throw new IllegalArgumentException(
                    "needs examples (" + examples.size() + ") and a group factor (" + groupFactor + ") of 1 or more");
        }
        this.examples = List.copyOf(examples);
        this.size = size;
        this.groupFactor = groupFactor;
        this.outputs = outputs;
        this.dtype = dtype;
        this.streams = streams;
    }

    @Override
    public int exampleCount() {
        return examples.size();
    }

    @Override
    public int stepsPerEpoch() {
        return size.stepsPerEpoch(examples);
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
        List<List<Integer>> steps = new ArrayList<>();
        if (size.unit() == StepSize.Unit.EXAMPLES) {
            chunks(shuffled, size.size()).forEach(chunk -> steps.addAll(cut(chunk, size.size())));
        } else {
            List<Integer> joined = new ArrayList<>();
            chunks(shuffled, Math.max(1, examples.size() / stepsPerEpoch())).forEach(joined::addAll);
            steps.addAll(TokenBudget.shares(joined, examples, stepsPerEpoch()));
        }
        List<List<Integer>> order = new ArrayList<>(ExampleSample.shuffle(steps.size(), random).stream()
                .map(steps::get)
                .toList());
        Collections.swap(order, 0, largest(order));
        return Collections.unmodifiableList(order);
    }

    /** The first of the steps with the most tokens. */
    private int largest(List<List<Integer>> steps) {
        int largest = 0;
        long most = 0;
        for (int i = 0; i < steps.size(); i++) {
            long tokens = steps.get(i).stream()
                    .mapToLong(index -> examples.get(index).length())
                    .sum();
            if (tokens > most) {
                most = tokens;
                largest = i;
            }
        }
        return largest;
    }

    /** Consecutive pieces of so many batches of about so many examples, each sorted by length. */
    private List<List<Integer>> chunks(List<Integer> shuffled, int batch) {
        int chunkSize = (int) Math.min((long) groupFactor * batch, Integer.MAX_VALUE);
        if (groupFactor == 1) {
            return cut(shuffled, chunkSize);
        }
        return cut(shuffled, chunkSize).stream()
                .map(chunk -> chunk.stream()
                        .sorted(Comparator.comparingInt(
                                index -> examples.get(index).length()))
                        .toList())
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
        List<List<Integer>> cuts = size.unit() == StepSize.Unit.EXAMPLES
                ? cut(step, size.atOnce())
                : TokenBudget.fill(step, examples, size.atOnce(), Integer.MAX_VALUE);
        for (List<Integer> piece : cuts) {
            pieces.add(PackedBatch.collate(piece.stream().map(examples::get).toList(), outputs, dtype));
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
