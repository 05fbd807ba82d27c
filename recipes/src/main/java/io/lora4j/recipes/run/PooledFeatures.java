package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.datasets.EncodedExample;
import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.datasets.LengthGroupedBatches;
import io.lora4j.datasets.PackedBatch;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.train.BatchSource;
import io.lora4j.train.RandomStreams;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the frozen encoder makes of every example, computed once without dropout: features of a classifier on its own.
 *
 * @param train pooled outputs of the training examples in file order, [n, H]; NaN for examples that no trial comes to
 * @param trainLabels one-hot [n, classes], or scores [n, 1]
 * @param dev pooled outputs of the dev examples in file order, [m, H]
 * @param devLabels as {@code trainLabels}, [m, ...]
 * @param otherDevs pooled outputs of the other evaluation sets by name, in file order
 * @param seconds the time it took
 */
record PooledFeatures(
        INDArray train,
        INDArray trainLabels,
        INDArray dev,
        INDArray devLabels,
        Map<String, INDArray> otherDevs,
        double seconds) {
    static PooledFeatures of(Workbench bench, RunListener listener) {
        long start = System.nanoTime();
        List<Integer> visited = visited(bench);
        int examples = visited.size() + bench.dev().size();
        listener.onPhase("running the frozen encoder once over " + examples + " examples");
        AdaptedModel encoder = AdaptedModel.of(
                EncoderGraph.encoder(
                        bench.model().config(), bench.recipe().model().pooling(), bench.dtype()),
                bench.model().weights());
        INDArray train = pooled(encoder, bench, bench.train(), visited);
        INDArray dev = pooled(encoder, bench, bench.dev());
        Map<String, INDArray> otherDevs = new LinkedHashMap<>();
        bench.otherDevs().forEach((name, set) -> otherDevs.put(name, pooled(encoder, bench, set)));
        return new PooledFeatures(
                train,
                PackedBatch.targets(bench.train(), bench.outputs(), bench.dtype()),
                dev,
                PackedBatch.targets(bench.dev(), bench.outputs(), bench.dtype()),
                otherDevs,
                (System.nanoTime() - start) * 1e-9);
    }

    /** The training examples that some trial comes to: with fewer steps than an epoch has, not all of them. */
    private static List<Integer> visited(Workbench bench) {
        long steps = Math.max(bench.totalSteps(), bench.recipe().gradient().headWarmupSteps());
        int perEpoch = bench.stepsPerEpoch();
        NavigableSet<Integer> visited = new TreeSet<>();
        for (long seed : bench.recipe().train().seeds()) {
            bench.batches(new RandomStreams(seed)).order(0).stream()
                    .limit(Math.min(steps, perEpoch))
                    .forEach(visited::addAll);
        }
        return List.copyOf(visited);
    }

    private static INDArray pooled(AdaptedModel encoder, Workbench bench, List<EncodedExample> examples) {
        return pooled(
                encoder,
                bench,
                examples,
                IntStream.range(0, examples.size()).boxed().toList());
    }

    /** Vectors of some examples; the rows of all others are NaN, so that nobody learns from them. */
    private static INDArray pooled(
            AdaptedModel encoder, Workbench bench, List<EncodedExample> examples, List<Integer> wanted) {
        INDArray all = Nd4j.valueArrayOf(
                new long[] {examples.size(), bench.model().config().hiddenSize()}, Double.NaN, bench.dtype());
        List<EncodedExample> chosen = wanted.stream().map(examples::get).toList();
        EvaluationBatches batches = bench.evaluationBatches(chosen);
        for (EvaluationBatches.Batch batch : batches) {
            INDArray vectors = encoder.graph().output(false, batch.data().getFeatures())[1];
            for (int row = 0; row < batch.indices().size(); row++) {
                all.putRow(wanted.get(batch.indices().get(row)), vectors.getRow(row));
            }
        }
        return all;
    }

    /** The training features in the steps of other batches: the same examples in the same order, one micro-batch each. */
    BatchSource batches(LengthGroupedBatches like) {
        return new BatchSource() {
            @Override
            public int exampleCount() {
                return like.exampleCount();
            }

            @Override
            public int stepsPerEpoch() {
                return like.stepsPerEpoch();
            }

            @Override
            public Iterable<List<MultiDataSet>> epoch(int epoch) {
                List<List<Integer>> order = like.order(epoch);
                return () -> {
                    Iterator<List<Integer>> steps = order.iterator();
                    return new Iterator<>() {
                        @Override
                        public boolean hasNext() {
                            return steps.hasNext();
                        }

                        @Override
                        public List<MultiDataSet> next() {
                            return List.of(rows(steps.next()));
                        }
                    };
                };
            }
        };
    }

    private MultiDataSet rows(List<Integer> indices) {
        int[] rows = indices.stream().mapToInt(Integer::intValue).toArray();
        return new MultiDataSet(Nd4j.pullRows(train, 1, rows), Nd4j.pullRows(trainLabels, 1, rows));
    }
}
