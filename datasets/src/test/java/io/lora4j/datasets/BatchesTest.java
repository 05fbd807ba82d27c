package io.lora4j.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.train.RandomStreams;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Batches: layout of the arrays, order of the examples, and that nothing is lost, repeated or left to chance. */
class BatchesTest {
    private static final RandomStreams SEED_7 = new RandomStreams(7);

    /** Examples of 1 to 20 tokens; the first token id is the example's index + 100. */
    private static List<EncodedExample> examples(int count) {
        SplittableRandom random = new SplittableRandom(3);
        List<EncodedExample> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] ids = new int[1 + random.nextInt(20)];
            ids[0] = i + 100;
            examples.add(new EncodedExample(ids, new int[ids.length], i % 3));
        }
        return examples;
    }

    private static LengthGroupedBatches batches(int count, int batch, int micro, int factor, RandomStreams streams) {
        StepSize size = new StepSize(StepSize.Unit.EXAMPLES, batch, micro == 0 ? batch : micro);
        return new LengthGroupedBatches(examples(count), size, factor, 3, DataType.FLOAT, streams);
    }

    private static List<Integer> flat(List<List<Integer>> steps) {
        return steps.stream().flatMap(List::stream).toList();
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void collatesTokensFirstAndZerosAfter(DataType dtype) {
        List<EncodedExample> two = List.of(
                new EncodedExample(new int[] {5, 6}, new int[] {0, 1}, 1),
                new EncodedExample(new int[] {7, 8, 9}, new int[] {0, 0, 1}, 0));
        MultiDataSet batch = PackedBatch.collate(two, 2, dtype);
        INDArray[] features = batch.getFeatures();
        assertEquals(3, features.length);
        assertEquals(dtype, features[PackedBatch.LAYOUT].dataType());
        assertEquals(DataType.INT32, features[PackedBatch.INPUT_IDS].dataType());
        assertEquals(DataType.INT32, features[PackedBatch.TOKEN_TYPE_IDS].dataType());
        assertEquals(
                Nd4j.createFromArray(new double[][] {{1, 1, 0}, {1, 1, 1}}).castTo(dtype),
                features[PackedBatch.LAYOUT]);
        assertEquals(Nd4j.createFromArray(new int[][] {{5, 6, 0}, {7, 8, 9}}), features[PackedBatch.INPUT_IDS]);
        assertEquals(Nd4j.createFromArray(new int[][] {{0, 1, 0}, {0, 0, 1}}), features[PackedBatch.TOKEN_TYPE_IDS]);
        assertEquals(dtype, batch.getLabels(0).dataType());
        assertEquals(Nd4j.createFromArray(new double[][] {{0, 1}, {1, 0}}).castTo(dtype), batch.getLabels(0));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void scoresAreAColumn(DataType dtype) {
        List<EncodedExample> three = List.of(
                new EncodedExample(new int[] {5}, new int[] {0}, new Target.Score(3.8)),
                new EncodedExample(new int[] {7, 8}, new int[] {0, 0}, new Target.Score(0)),
                new EncodedExample(new int[] {9}, new int[] {0}, new Target.Score(5)));
        INDArray scores = PackedBatch.collate(three, 1, dtype).getLabels(0);
        assertEquals(dtype, scores.dataType());
        assertEquals(Nd4j.createFromArray(new double[][] {{3.8}, {0}, {5}}).castTo(dtype), scores);
        assertEquals(dtype == DataType.DOUBLE ? 3.8 : 3.8f, scores.getDouble(0, 0));
        assertThrows(IllegalStateException.class, () -> PackedBatch.collate(three, 2, dtype));
        List<EncodedExample> classes = List.of(new EncodedExample(new int[] {1}, new int[] {0}, 0));
        assertThrows(IllegalStateException.class, () -> PackedBatch.collate(classes, 1, dtype));
    }

    @Test
    void refusesWhatCannotBeABatch() {
        assertThrows(IllegalArgumentException.class, () -> PackedBatch.collate(List.of(), 2, DataType.FLOAT));
        EncodedExample third = new EncodedExample(new int[] {1}, new int[] {0}, 2);
        assertThrows(IllegalArgumentException.class, () -> PackedBatch.collate(List.of(third), 2, DataType.FLOAT));
        assertThrows(IllegalArgumentException.class, () -> new EncodedExample(new int[0], new int[0], 0));
        assertThrows(IllegalArgumentException.class, () -> new EncodedExample(new int[2], new int[1], 0));
    }

    @ParameterizedTest
    @CsvSource({"100, 8, 1", "100, 8, 4", "96, 8, 4", "5, 8, 2", "1, 1, 1", "100, 8, 1000000000"})
    void everyExampleComesOncePerEpoch(int count, int batch, int factor) {
        LengthGroupedBatches source = batches(count, batch, 0, factor, SEED_7);
        List<List<Integer>> steps = source.order(2);
        assertEquals(source.stepsPerEpoch(), steps.size());
        assertEquals(count, source.exampleCount());
        assertEquals(
                IntStream.range(0, count).boxed().toList(),
                flat(steps).stream().sorted().toList());
        long partial = steps.stream().filter(step -> step.size() != batch).count();
        assertEquals(count % batch == 0 ? 0 : 1, partial);
    }

    @Test
    void orderDependsOnSeedAndEpochOnly() {
        List<List<Integer>> order = batches(100, 8, 0, 4, SEED_7).order(1);
        assertEquals(order, batches(100, 8, 3, 4, new RandomStreams(7)).order(1));
        assertNotEquals(order, batches(100, 8, 0, 4, SEED_7).order(2));
        assertNotEquals(order, batches(100, 8, 0, 4, new RandomStreams(8)).order(1));
    }

    @Test
    void groupingByLengthNarrowsTheBatches() {
        assertTrue(width(batches(960, 16, 0, 10, SEED_7)) < 0.75 * width(batches(960, 16, 0, 1, SEED_7)));
    }

    private static long width(LengthGroupedBatches source) {
        long width = 0;
        for (List<MultiDataSet> step : source.epoch(0)) {
            width += step.get(0).getFeatures(PackedBatch.LAYOUT).size(1);
        }
        return width;
    }

    @Test
    void theStepWithTheMostTokensComesFirst() {
        for (int factor : new int[] {1, 4, 60}) {
            for (int epoch = 0; epoch < 3; epoch++) {
                List<Long> tokens = new ArrayList<>();
                for (List<MultiDataSet> step :
                        batches(960, 16, 4, factor, SEED_7).epoch(epoch)) {
                    tokens.add(step.stream()
                            .mapToLong(piece -> piece.getFeatures(PackedBatch.LAYOUT)
                                    .sumNumber()
                                    .longValue())
                            .sum());
                }
                assertEquals(tokens.stream().mapToLong(n -> n).max().orElseThrow(), tokens.get(0));
            }
        }
    }

    @Test
    void batchesOfDifferentLengthsAlternate() {
        // sorted batches in sorted order would teach short texts first: the widths must not be monotone
        List<Long> widths = new ArrayList<>();
        for (List<MultiDataSet> step : batches(960, 16, 0, 60, SEED_7).epoch(0)) {
            widths.add(step.get(0).getFeatures(PackedBatch.LAYOUT).size(1));
        }
        assertNotEquals(widths.stream().sorted().toList(), widths);
    }

    @Test
    void microBatchesCutAStepAndNothingElse() {
        LengthGroupedBatches whole = batches(50, 8, 0, 2, SEED_7);
        LengthGroupedBatches pieces = batches(50, 8, 3, 2, SEED_7);
        assertEquals(whole.order(0), pieces.order(0));
        int step = 0;
        for (List<MultiDataSet> micro : pieces.epoch(0)) {
            List<Integer> expected = whole.order(0).get(step++);
            assertEquals((expected.size() + 2) / 3, micro.size());
            List<Integer> seen = new ArrayList<>();
            for (MultiDataSet piece : micro) {
                INDArray ids = piece.getFeatures(PackedBatch.INPUT_IDS);
                assertTrue(ids.size(0) <= 3);
                for (int row = 0; row < ids.size(0); row++) {
                    seen.add(ids.getInt(row, 0) - 100);
                }
            }
            assertEquals(expected, seen);
        }
        assertEquals(whole.stepsPerEpoch(), step);
    }

    @Test
    void evaluationRemembersTheOrderOfTheFile() {
        List<EncodedExample> examples = examples(41);
        EvaluationBatches batches = new EvaluationBatches(examples, 8, Integer.MAX_VALUE, 3, DataType.FLOAT);
        int[] inFileOrder = new int[examples.size()];
        int narrow = 0;
        int count = 0;
        for (EvaluationBatches.Batch batch : batches) {
            INDArray ids = batch.data().getFeatures(PackedBatch.INPUT_IDS);
            assertTrue(ids.size(1) >= narrow, "sorted by length");
            narrow = (int) ids.size(1);
            for (int row = 0; row < ids.size(0); row++) {
                inFileOrder[batch.indices().get(row)] = ids.getInt(row, 0) - 100;
            }
            count++;
        }
        assertArrayEquals(IntStream.range(0, 41).toArray(), inFileOrder);
        assertEquals(6, count);
        assertEquals(6, batches.batchCount());
        assertEquals(41, batches.exampleCount());
    }

    @Test
    void evaluationFillsBatchesByTokens() {
        List<EncodedExample> examples = examples(41);
        EvaluationBatches batches = new EvaluationBatches(examples, 30, 25, 3, DataType.FLOAT);
        List<Integer> seen = new ArrayList<>();
        long before = 0;
        for (EvaluationBatches.Batch batch : batches) {
            long tokens = tokens(examples, batch.indices());
            assertTrue(tokens <= 25);
            assertEquals(
                    tokens,
                    batch.data().getFeatures(PackedBatch.LAYOUT).sumNumber().longValue());
            // sorted: what did not fit into the batch before is this one's first example
            int first = examples.get(batch.indices().get(0)).length();
            assertTrue(seen.isEmpty() || before + first > 25, "as full as can be");
            before = tokens;
            seen.addAll(batch.indices());
        }
        assertEquals(
                IntStream.range(0, 41).boxed().toList(), seen.stream().sorted().toList());
        EvaluationBatches single = new EvaluationBatches(examples, 30, 1, 3, DataType.FLOAT);
        assertEquals(41, single.batchCount(), "an example longer than the budget is a batch");
        assertEquals(21, new EvaluationBatches(examples, 2, 1000, 3, DataType.FLOAT).batchCount());
    }

    private static long tokens(List<EncodedExample> examples, List<Integer> indices) {
        return indices.stream().mapToLong(index -> examples.get(index).length()).sum();
    }

    private static LengthGroupedBatches byTokens(List<EncodedExample> examples, int tokens, int atOnce, int factor) {
        StepSize size = new StepSize(StepSize.Unit.TOKENS, tokens, atOnce);
        return new LengthGroupedBatches(examples, size, factor, 3, DataType.FLOAT, SEED_7);
    }

    @ParameterizedTest
    @CsvSource({"100, 80, 1", "100, 80, 4", "960, 200, 20", "5, 7, 2", "1, 1, 1", "100, 1, 3", "3, 1000000000, 20"})
    void stepsOfTokensCostTheSame(int count, int budget, int factor) {
        List<EncodedExample> examples = examples(count);
        LengthGroupedBatches source = byTokens(examples, budget, budget, factor);
        double total = tokens(examples, IntStream.range(0, count).boxed().toList());
        int longest = examples.stream().mapToInt(EncodedExample::length).max().orElseThrow();
        assertEquals(Math.min(count, (int) Math.ceil(total / budget)), source.stepsPerEpoch());
        for (int epoch = 0; epoch < 3; epoch++) {
            List<List<Integer>> steps = source.order(epoch);
            assertEquals(source.stepsPerEpoch(), steps.size(), "schedules count on it");
            assertEquals(
                    IntStream.range(0, count).boxed().toList(),
                    flat(steps).stream().sorted().toList());
            for (List<Integer> step : steps) {
                assertTrue(!step.isEmpty());
                assertTrue(budget < longest || Math.abs(tokens(examples, step) - total / steps.size()) <= longest);
            }
        }
        assertEquals(source.order(1), byTokens(examples, budget, budget, factor).order(1));
    }

    @Test
    void aStepOfTokensIsLaidOutInPieces() {
        List<EncodedExample> examples = examples(200);
        LengthGroupedBatches source = byTokens(examples, 300, 100, 20);
        int step = 0;
        for (List<MultiDataSet> pieces : source.epoch(0)) {
            List<Integer> seen = new ArrayList<>();
            for (MultiDataSet piece : pieces) {
                assertTrue(piece.getFeatures(PackedBatch.LAYOUT).sumNumber().intValue() <= 100);
                INDArray ids = piece.getFeatures(PackedBatch.INPUT_IDS);
                for (int row = 0; row < ids.size(0); row++) {
                    seen.add(ids.getInt(row, 0) - 100);
                }
            }
            assertEquals(source.order(0).get(step++), seen);
        }
    }

    @Test
    void theSampleIsDrawnWithoutReplacementByTheSeed() {
        List<Integer> drawn = ExampleSample.indices(100, 30, ExampleSample.Choice.RANDOM, SEED_7);
        assertEquals(30, new HashSet<>(drawn).size());
        assertTrue(drawn.stream().allMatch(index -> index >= 0 && index < 100));
        assertEquals(drawn, ExampleSample.indices(100, 30, ExampleSample.Choice.RANDOM, new RandomStreams(7)));
        assertNotEquals(drawn, ExampleSample.indices(100, 30, ExampleSample.Choice.RANDOM, new RandomStreams(8)));
        assertEquals(List.of(0, 1, 2), ExampleSample.indices(100, 3, ExampleSample.Choice.FIRST, SEED_7));
        assertEquals(
                5,
                ExampleSample.indices(5, 256, ExampleSample.Choice.RANDOM, SEED_7)
                        .size());
    }

    @Test
    void aSampleIsDrawnUniformly() {
        int[] hits = new int[20];
        for (int seed = 0; seed < 2000; seed++) {
            for (int index : ExampleSample.indices(20, 5, ExampleSample.Choice.RANDOM, new RandomStreams(seed))) {
                hits[index]++;
            }
        }
        for (int hit : hits) {
            // 2000 draws of probability 1/4: mean 500, standard deviation 19.4; five of them
            assertEquals(500, hit, 97);
        }
    }

    @Test
    void aSampleComesInChunksAndAgainTheSame() {
        ExampleSample sample =
                new ExampleSample(examples(50), 20, ExampleSample.Choice.RANDOM, 8, 3, DataType.DOUBLE, SEED_7);
        for (int pass = 0; pass < 2; pass++) {
            List<Integer> seen = new ArrayList<>();
            List<Long> sizes = new ArrayList<>();
            for (MultiDataSet chunk : sample) {
                INDArray ids = chunk.getFeatures(PackedBatch.INPUT_IDS);
                sizes.add(ids.size(0));
                for (int row = 0; row < ids.size(0); row++) {
                    seen.add(ids.getInt(row, 0) - 100);
                }
            }
            assertEquals(List.of(8L, 8L, 4L), sizes);
            assertEquals(sample.indices(), seen);
        }
        assertEquals(20, sample.exampleCount());
    }
}
