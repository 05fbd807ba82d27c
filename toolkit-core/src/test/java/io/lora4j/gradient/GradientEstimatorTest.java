package io.lora4j.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.TestNetworks;
import io.lora4j.error.DivergedException;
import io.lora4j.train.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

class GradientEstimatorTest {
    private static final RandomStreams STREAMS = new RandomStreams(1);
    private static final Set<String> BOTH = Set.of("encoder.first", "encoder.second");

    private static AdaptedModel model(double dropout) {
        return TestNetworks.adapted(DataType.DOUBLE, new NoOp(), WorkspaceMode.ENABLED, dropout);
    }

    /** Central differences of the mean loss through a perturbed copy of the weight. */
    @Test
    @Tag("gradcheck")
    void equalsTheNumericGradient() {
        AdaptedModel model = AdaptedModel.of(
                AdapterInjector.inject(TestNetworks.configuration(DataType.DOUBLE), TestNetworks.lora(0)),
                TestNetworks.weights(DataType.DOUBLE));
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 7, 2);

        WeightGradients gradients =
                new GradientEstimator(DataType.DOUBLE, STREAMS).estimate(model, BOTH, List.of(data));

        assertEquals(7, gradients.exampleCount());
        FrozenWeights weights = model.weights();
        for (String layer : BOTH) {
            INDArray mean = gradients.mean(layer);
            INDArray w = weights.get(layer + ".weight");
            for (long i = 0; i < w.size(0); i++) {
                for (long j = 0; j < w.size(1); j++) {
                    double numeric =
                            (lossWith(model, data, layer, i, j, 1e-5) - lossWith(model, data, layer, i, j, -1e-5))
                                    / 2e-5;
                    assertEquals(numeric, mean.getDouble(i, j), 1e-9, layer);
                }
            }
        }
    }

    private static double lossWith(AdaptedModel model, MultiDataSet data, String layer, long i, long j, double by) {
        String name = layer + ".weight";
        INDArray moved = model.weights().get(name).dup();
        moved.putScalar(i, j, moved.getDouble(i, j) + by);
        model.weights().with(Map.of(name, moved)).bindTo(model.graph());
        return TestNetworks.loss(model, data);
    }

    @Test
    void chunksOfAnySizeGiveTheExampleWeightedMean() {
        AdaptedModel model = model(0);
        MultiDataSet all = TestNetworks.data(DataType.DOUBLE, 7, 2);
        GradientEstimator estimator = new GradientEstimator(DataType.DOUBLE, STREAMS);
        WeightGradients whole = estimator.estimate(model, BOTH, List.of(all));
        WeightGradients cut = estimator.estimate(model, BOTH, List.of(rows(all, 0, 5), rows(all, 5, 7)));

        assertEquals(7, cut.exampleCount());
        for (String layer : BOTH) {
            assertTrue(whole.mean(layer).equalsWithEps(cut.mean(layer), 1e-14));
        }
    }

    private static MultiDataSet rows(MultiDataSet data, int from, int to) {
        return new MultiDataSet(
                data.getFeatures(0)
                        .getRows(java.util.stream.IntStream.range(from, to).toArray()),
                data.getLabels(0)
                        .getRows(java.util.stream.IntStream.range(from, to).toArray()));
    }

    @Test
    void float32NetworkMayAccumulateInFloat64() {
        AdaptedModel model = TestNetworks.adapted(DataType.FLOAT, new NoOp(), WorkspaceMode.ENABLED, 0);
        AdaptedModel reference = model(0);
        reference.graph().setParams(model.graph().params().castTo(DataType.DOUBLE));
        new FrozenWeights(doubles(model.weights())).bindTo(reference.graph());
        MultiDataSet data = TestNetworks.data(DataType.FLOAT, 6, 4);
        MultiDataSet exact = new MultiDataSet(
                data.getFeatures(0).castTo(DataType.DOUBLE), data.getLabels(0).castTo(DataType.DOUBLE));

        INDArray estimated = new GradientEstimator(DataType.DOUBLE, STREAMS)
                .estimate(model, BOTH, List.of(data))
                .mean("encoder.first");
        INDArray expected = new GradientEstimator(DataType.DOUBLE, STREAMS)
                .estimate(reference, BOTH, List.of(exact))
                .mean("encoder.first");

        assertEquals(DataType.DOUBLE, estimated.dataType());
        assertTrue(expected.equalsWithEps(estimated, 1e-6));
    }

    private static Map<String, INDArray> doubles(FrozenWeights weights) {
        Map<String, INDArray> cast = new java.util.HashMap<>();
        weights.names().forEach(n -> cast.put(n, weights.get(n).castTo(DataType.DOUBLE)));
        return cast;
    }

    @Test
    void changesNothingAndLeavesNoListenerBehind() {
        AdaptedModel model = model(0.3);
        INDArray before = model.graph().params().dup();
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 5, 2);
        GradientEstimator estimator = new GradientEstimator(DataType.FLOAT, STREAMS);
        WeightGradients first = estimator.estimate(model, BOTH, List.of(data));
        INDArray kept = first.mean("encoder.first");
        WeightGradients second = estimator.estimate(model, BOTH, List.of(data));

        assertEquals(before, model.graph().params());
        assertEquals(kept, first.mean("encoder.first"), "a later pass must not add to an earlier estimate");
        assertEquals(kept, second.mean("encoder.first"), "same streams, same dropout masks");
        assertThrows(
                IllegalArgumentException.class,
                () -> estimator.estimate(model, Set.of("no.such.layer"), List.of(data)));
    }

    @Test
    void aNonFiniteGradientIsRefusedByName() {
        AdaptedModel model = model(0);
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 5, 2);
        data.getFeatures(0).putScalar(0, 0, Double.NaN);
        DivergedException e =
                assertThrows(DivergedException.class, () -> new GradientEstimator(DataType.DOUBLE, STREAMS)
                        .estimate(model, Set.of("encoder.first"), List.of(data)));
        assertEquals("encoder.first", e.layer());
    }

    @Test
    void dropoutIsPartOfTheEstimate() {
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 5, 2);
        GradientEstimator estimator = new GradientEstimator(DataType.DOUBLE, STREAMS);
        INDArray without = estimator.estimate(model(0), BOTH, List.of(data)).mean("encoder.first");
        INDArray with = estimator.estimate(model(0.5), BOTH, List.of(data)).mean("encoder.first");
        assertFalse(without.equalsWithEps(with, 1e-9));
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void onDiskTheyAreTheSameToTheLastBit(DataType type, @TempDir Path folder) throws IOException {
        INDArray first = Nd4j.randn(type, 5, 3).dup('f');
        INDArray second = Nd4j.randn(type, 2, 7);
        Map<String, INDArray> sums = new LinkedHashMap<>();
        sums.put("first", first);
        sums.put("second", second);
        WeightGradients held = new WeightGradients(sums, 4);
        Map<String, INDArray> means = new LinkedHashMap<>();
        held.layers().forEach(layer -> means.put(layer, held.mean(layer)));
        Path file = folder.resolve("gradients");
        WeightGradients moved = held.movedTo(file);
        assertTrue(first.wasClosed() && second.wasClosed(), "the memory was not freed");
        assertEquals(held.layers(), moved.layers());
        assertEquals(4, moved.exampleCount());
        assertEquals((15L + 14) * type.width(), Files.size(file));
        for (String layer : held.layers()) {
            assertEquals(means.get(layer), moved.mean(layer));
        }
        assertThrows(IllegalArgumentException.class, () -> moved.mean("third"));
        Files.write(file, new byte[3]);
        assertThrows(java.io.UncheckedIOException.class, () -> moved.mean("second"));
    }
}
