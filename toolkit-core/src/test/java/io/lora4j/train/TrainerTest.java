package io.lora4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.TestNetworks;
import io.lora4j.error.DivergedException;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

class TrainerTest {
    private static final RandomStreams STREAMS = new RandomStreams(5);

    /** Steps of given micro-batch cuts of the same six examples. */
    private record Fixed(List<List<MultiDataSet>> steps) implements BatchSource {
        @Override
        public int exampleCount() {
            return 6;
        }

        @Override
        public int stepsPerEpoch() {
            return steps.size();
        }

        @Override
        public Iterable<List<MultiDataSet>> epoch(int epoch) {
            return steps;
        }
    }

    private static AdaptedModel model(IUpdater updater, double dropout) {
        return TestNetworks.adapted(DataType.DOUBLE, updater, WorkspaceMode.ENABLED, dropout);
    }

    private static MultiDataSet rows(MultiDataSet data, int from, int to) {
        int[] rows = java.util.stream.IntStream.range(from, to).toArray();
        return new MultiDataSet(
                data.getFeatures(0).getRows(rows), data.getLabels(0).getRows(rows));
    }

    private static Fixed whole(MultiDataSet data) {
        return new Fixed(List.of(List.of(data)));
    }

    @Test
    void accumulationEqualsOneLargeBatch() {
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 6, 1);
        AdaptedModel one = model(new Adam(0.01), 0);
        AdaptedModel cut = model(new Adam(0.01), 0);
        TrainConfig config = new TrainConfig(4, 0, 0);

        TrainResult a = Trainer.fit(one.graph(), whole(data), config, STREAMS, TrainListener.NONE);
        TrainResult b = Trainer.fit(
                cut.graph(),
                new Fixed(List.of(List.of(rows(data, 0, 1), rows(data, 1, 5), rows(data, 5, 6)))),
                config,
                STREAMS,
                TrainListener.NONE);

        assertEquals(4, a.steps());
        assertEquals(a.finalLoss(), b.finalLoss(), 1e-12);
        assertTrue(one.graph().params().equalsWithEps(cut.graph().params(), 1e-10));
    }

    /** One SGD step is p - lr times the gradient of the mean loss, here by central differences. */
    @Test
    void aStepIsTheGradientOfTheMeanLoss() {
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 6, 1);
        AdaptedModel model = model(new Sgd(0.1), 0);
        INDArray before = model.graph().params().dup();
        List<StepInfo> steps = new ArrayList<>();

        Trainer.fit(model.graph(), whole(data), new TrainConfig(1, 0, 0), STREAMS, steps::add);

        INDArray moved = model.graph().params().sub(before).div(-0.1);
        model.graph().params().assign(before);
        assertEquals(TestNetworks.loss(model, data), steps.get(0).loss(), 1e-12);
        assertEquals(moved.norm2Number().doubleValue(), steps.get(0).gradNorm(), 1e-12);
        assertEquals(0.1, steps.get(0).learningRate());
        for (long i = 0; i < before.length(); i += 7) {
            model.graph().params().putScalar(i, before.getDouble(i) + 1e-5);
            double up = TestNetworks.loss(model, data);
            model.graph().params().putScalar(i, before.getDouble(i) - 1e-5);
            double down = TestNetworks.loss(model, data);
            model.graph().params().putScalar(i, before.getDouble(i));
            assertEquals((up - down) / 2e-5, moved.getDouble(i), 1e-8);
        }
    }

    @Test
    void theReportedRateIsThatOfAParameterThatMoves() {
        AdaptedModel model = model(new Sgd(0.1), 0);
        ((org.deeplearning4j.nn.conf.layers.BaseLayer)
                        model.graph().getLayer("stem").conf().getLayer())
                .setIUpdater(new Sgd(0));
        List<StepInfo> steps = new ArrayList<>();
        Trainer.fit(
                model.graph(),
                whole(TestNetworks.data(DataType.DOUBLE, 6, 1)),
                new TrainConfig(1, 0, 0),
                STREAMS,
                steps::add);
        assertEquals(0.1, steps.get(0).learningRate());
    }

    @Test
    void clippingBoundsTheGlobalNorm() {
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 6, 1);
        AdaptedModel model = model(new Sgd(1.0), 0);
        INDArray before = model.graph().params().dup();
        List<StepInfo> steps = new ArrayList<>();
        Trainer.fit(model.graph(), whole(data), new TrainConfig(1, 0, 0.01), STREAMS, steps::add);
        assertTrue(steps.get(0).gradNorm() > 0.01, "the reported norm is the one before clipping");
        assertEquals(0.01, model.graph().params().sub(before).norm2Number().doubleValue(), 1e-6);
    }

    @Test
    void maxStepsEndsInsideAnEpochAndTheListenerHearsEveryStep() {
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 6, 1);
        Fixed three =
                new Fixed(List.of(List.of(rows(data, 0, 2)), List.of(rows(data, 2, 4)), List.of(rows(data, 4, 6))));
        List<StepInfo> steps = new ArrayList<>();
        TrainResult result =
                Trainer.fit(model(new Sgd(0.1), 0).graph(), three, new TrainConfig(5, 4, 0), STREAMS, steps::add);
        assertEquals(4, result.steps());
        assertEquals(List.of(1L, 2L, 3L, 4L), steps.stream().map(StepInfo::step).toList());
        assertEquals(List.of(0, 0, 0, 1), steps.stream().map(StepInfo::epoch).toList());
        assertEquals(4, steps.get(0).totalSteps());
    }

    @Test
    void sameSeedSameParametersWithDropout() {
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 6, 1);
        AdaptedModel a = model(new Adam(0.01), 0.4);
        AdaptedModel b = model(new Adam(0.01), 0.4);
        AdaptedModel c = model(new Adam(0.01), 0.4);
        TrainConfig config = new TrainConfig(5, 0, 1);
        Trainer.fit(a.graph(), whole(data), config, STREAMS, TrainListener.NONE);
        Trainer.fit(b.graph(), whole(data), config, STREAMS, TrainListener.NONE);
        Trainer.fit(c.graph(), whole(data), config, new RandomStreams(6), TrainListener.NONE);
        assertEquals(a.graph().params(), b.graph().params());
        assertTrue(!a.graph().params().equalsWithEps(c.graph().params(), 1e-9));
    }

    @Test
    void divergenceNamesLayerAndStep() {
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 6, 1);
        AdaptedModel model = model(new Sgd(1e200), 0);
        DivergedException e = assertThrows(
                DivergedException.class,
                () -> Trainer.fit(model.graph(), whole(data), new TrainConfig(9, 0, 0), STREAMS, TrainListener.NONE));
        assertTrue(e.step() >= 2, e.getMessage());
        assertTrue(model.graph().getVertex(e.layer()) != null, e.getMessage());
    }

    @Test
    void aBadInputNamesTheFirstLayerThatSeesIt() {
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, 6, 1);
        AdaptedModel model = model(new Sgd(0.1), 0);
        model.adapters().get("encoder.second").loraA().putScalar(0, 0, Double.NaN);
        DivergedException e = assertThrows(
                DivergedException.class,
                () -> Trainer.fit(model.graph(), whole(data), new TrainConfig(1, 0, 0), STREAMS, TrainListener.NONE));
        assertEquals("encoder.second", e.layer());
        assertEquals(1, e.step());
    }
}
