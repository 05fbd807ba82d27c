package io.lora4j.datasets;

import io.lora4j.train.RandomStreams;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * The training examples on which a gradient is estimated, in chunks of bounded size.
 *
 * <p>Drawn once per run from the stream {@link RandomStreams#GRADIENT}, so every initialiser of a comparison sees the same
 * ones. Immutable; iterating again lays the same chunks out again, one at a time, so memory does not grow with the sample.
 */
public final class ExampleSample implements Iterable<MultiDataSet> {
    /** How examples are chosen. */
    public enum Choice {
        /** Uniformly without replacement, by the run's seed. */
        RANDOM,
        /** The first ones of the file, as in the code of the papers' authors. */
        FIRST
    }

    private final List<EncodedExample> examples;
    private final List<Integer> indices;
    private final int chunkSize;
    private final int outputs;
    private final DataType dtype;

    /**
     * @param examples one or more training examples
     * @param count how many to take, 1 or more; all are taken where there are fewer ({@link #exampleCount()} tells)
     * @param choice how they are chosen
     * @param chunkSize the most examples laid out at once
     * @param outputs number of classes; 1 for scores
     * @param dtype the network's data type
     * @param streams the run's random streams
     */
    public ExampleSample(
            List<EncodedExample> examples,
            int count,
            Choice choice,
            int chunkSize,
            int outputs,
            DataType dtype,
            RandomStreams streams) {
        if (examples.isEmpty() || count < 1 || chunkSize < 1) {
            throw new IllegalArgumentException("needs examples (" + examples.size() + "), a count (" + count
                    + ") and a chunk size (" + chunkSize + ") of 1 or more");
        }
        this.examples = List.copyOf(examples);
        this.indices = indices(examples.size(), count, choice, streams);
        this.chunkSize = chunkSize;
        this.outputs = outputs;
        this.dtype = dtype;
    }

    /**
     * Chooses examples by position.
     *
     * @param total how many there are
     * @param count how many to take; all where there are fewer
     * @param choice how they are chosen
     * @param streams the run's random streams; not drawn from by {@link Choice#FIRST}
     * @return different positions from 0 to {@code total - 1}, in the order drawn
     */
    public static List<Integer> indices(int total, int count, Choice choice, RandomStreams streams) {
        List<Integer> all = choice == Choice.FIRST
                ? IntStream.range(0, total).boxed().toList()
                : shuffle(total, streams.generator(RandomStreams.GRADIENT));
        return List.copyOf(all.subList(0, Math.min(count, total)));
    }

    /**
     * The number of examples in the sample.
     *
     * @return the count asked for, or that of all examples where it is smaller
     */
    public int exampleCount() {
        return indices.size();
    }

    /**
     * The examples in the sample.
     *
     * @return positions in the list of examples, in the order drawn
     */
    public List<Integer> indices() {
        return indices;
    }

    @Override
    public Iterator<MultiDataSet> iterator() {
        Iterator<List<Integer>> chunks =
                LengthGroupedBatches.cut(indices, chunkSize).iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return chunks.hasNext();
            }

            @Override
            public MultiDataSet next() {
                return PackedBatch.collate(
                        chunks.next().stream().map(examples::get).toList(), outputs, dtype);
            }
        };
    }

    /** The numbers 0 to size - 1 in random order (Fisher and Yates; written out, so that no JDK release can change it). */
    static List<Integer> shuffle(int size, RandomGenerator random) {
        List<Integer> order = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            order.add(i);
        }
        for (int i = size - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            Integer swapped = order.get(i);
            order.set(i, order.get(j));
            order.set(j, swapped);
        }
        return order;
    }
}
