package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.datasets.EncodedExample;
import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.datasets.LengthGroupedBatches;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.train.BatchSource;
import java.util.Iterator;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the frozen encoder makes of every example, computed once without dropout: features of a classifier on its own.
 *
 * @param train pooled outputs of the training examples in file order, [n, H]
 * @param trainLabels one-hot, [n, labels]
 * @param dev pooled outputs of the dev examples in file order, [m, H]
 * @param devLabels one-hot, [m, labels]
 * @param seconds the time it took
 */
record PooledFeatures(INDArray train, INDArray trainLabels, INDArray dev, INDArray devLabels, double seconds) {
    static PooledFeatures of(Workbench bench) {
        long start = System.nanoTime();
        AdaptedModel encoder = AdaptedModel.of(
                EncoderGraph.encoder(
                        bench.model().config(), bench.recipe().model().pooling(), bench.dtype()),
                bench.model().weights());
        INDArray train = pooled(encoder, bench, bench.train());
        INDArray dev = pooled(encoder, bench, bench.dev());
        return new PooledFeatures(
                train,
                oneHot(bench, bench.train()),
                dev,
                oneHot(bench, bench.dev()),
                (System.nanoTime() - start) * 1e-9);
    }

    private static INDArray pooled(AdaptedModel encoder, Workbench bench, List<EncodedExample> examples) {
        INDArray all = Nd4j.createUninitialized(
                bench.dtype(), examples.size(), bench.model().config().hiddenSize());
        EvaluationBatches batches =
                new EvaluationBatches(examples, bench.recipe().eval().batch(), bench.labels(), bench.dtype());
        for (EvaluationBatches.Batch batch : batches) {
            INDArray vectors = encoder.graph().output(false, batch.data().getFeatures())[1];
            for (int row = 0; row < batch.indices().size(); row++) {
                all.putRow(batch.indices().get(row), vectors.getRow(row));
            }
        }
        return all;
    }

    private static INDArray oneHot(Workbench bench, List<EncodedExample> examples) {
        INDArray all = Nd4j.zeros(bench.dtype(), examples.size(), bench.labels());
        for (int i = 0; i < examples.size(); i++) {
            all.putScalar(i, examples.get(i).label(), 1);
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
