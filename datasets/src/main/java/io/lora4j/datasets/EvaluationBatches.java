package io.lora4j.datasets;

import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Evaluation examples sorted by length, in batches that remember where each row came from.
 *
 * <p>Sorting keeps the layout arrays narrow, a budget of tokens makes batches of short texts as large as those of long ones; {@link
 * Batch#indices()} puts predictions back into file order. Immutable, and iterable any number of times with the same result.
 */
public final class EvaluationBatches implements Iterable<EvaluationBatches.Batch> {
    /**
     * One batch.
     *
     * @param data features and labels as {@link PackedBatch} lays them out; owned by the caller
     * @param indices for each row, the example's position in the list (that is, in the file)
     */
    public record Batch(MultiDataSet data, List<Integer> indices) {}

    private final List<EncodedExample> examples;
    private final List<List<Integer>> batches;
    private final int outputs;
    private final DataType dtype;

    /**
     * @param examples one or more examples, in file order
     * @param most the most examples per batch
     * @param tokens the most tokens per batch; a longer example is a batch of its own
     * @param outputs number of classes; 1 for scores
     * @param dtype the network's data type
     */
    public EvaluationBatches(List<EncodedExample> examples, int most, int tokens, int outputs, DataType dtype) {
        if (examples.isEmpty() || most < 1 || tokens < 1) {
            throw new IllegalArgumentException("needs examples (" + examples.size() + "), and room for " + most
                    + " examples and " + tokens + " tokens of 1 or more");
        }
        this.examples = List.copyOf(examples);
        List<Integer> sorted = IntStream.range(0, examples.size())
                .boxed()
                .sorted(Comparator.comparingInt(
                        index -> this.examples.get(index).length()))
                .toList();
        this.batches = TokenBudget.fill(sorted, this.examples, tokens, most);
        this.outputs = outputs;
        this.dtype = dtype;
    }

    /**
     * The number of examples in all batches.
     *
     * @return 1 or more
     */
    public int exampleCount() {
        return examples.size();
    }

    /**
     * The examples.
     *
     * @return all of them, in file order; unmodifiable
     */
    public List<EncodedExample> examples() {
        return examples;
    }

    /**
     * The number of batches.
     *
     * @return 1 or more
     */
    public int batchCount() {
        return batches.size();
    }

    @Override
    public Iterator<Batch> iterator() {
        Iterator<List<Integer>> remaining = batches.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return remaining.hasNext();
            }

            @Override
            public Batch next() {
                List<Integer> indices = remaining.next();
                List<EncodedExample> rows = indices.stream().map(examples::get).toList();
                return new Batch(PackedBatch.collate(rows, outputs, dtype), indices);
            }
        };
    }
}
