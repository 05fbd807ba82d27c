package io.lora4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.TestNetworks;
import io.lora4j.optim.AuthorsScaledAdamW;
import io.lora4j.optim.LoraFa;
import io.lora4j.optim.LoraPro;
import io.lora4j.optim.RiemannianPreconditioner;
import io.lora4j.parallel.GraphTwins;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** A run that is stopped after any step and built anew goes on as if nothing had been. */
class TrainCheckpointTest {
    private static final int EPOCHS = 3;
    private static final int STEPS_PER_EPOCH = 3;
    private static final TrainConfig CONFIG = new TrainConfig(EPOCHS, 0, 1);
    private static final RandomStreams STREAMS = new RandomStreams(5);

    /** Other batches in every epoch, some of several pieces. */
    private static final BatchSource DATA = new BatchSource() {
        @Override
        public int exampleCount() {
            return STEPS_PER_EPOCH * 6;
        }

        @Override
        public int stepsPerEpoch() {
            return STEPS_PER_EPOCH;
        }

        @Override
        public Iterable<List<MultiDataSet>> epoch(int epoch) {
            List<List<MultiDataSet>> steps = new ArrayList<>();
            for (int step = 0; step < STEPS_PER_EPOCH; step++) {
                int seed = 10 * epoch + step + 1; // 0 would be the clock
                MultiDataSet one = TestNetworks.data(DataType.DOUBLE, 6, seed);
                steps.add(step == 1 ? List.of(one, TestNetworks.data(DataType.DOUBLE, 6, seed + 100)) : List.of(one));
            }
            return steps;
        }
    };

    private static AdaptedModel model() {
        // DL4J draws initial weights from the generator as it stands.
        Nd4j.getRandom().setSeed(4);
        AdaptedModel model = TestNetworks.adapted(DataType.DOUBLE, new Adam(0.01), WorkspaceMode.ENABLED, 0.3);
        model.graph().params().addi(Nd4j.randn(model.graph().params().shape()).muli(0.1));
        return model;
    }

    static Stream<Arguments> rules() {
        return Stream.of(
                rule("DL4J", () -> UpdateRule.DL4J),
                rule("preconditioned", () -> new RiemannianPreconditioner(1e-2)),
                rule("lora-fa", () -> new LoraFa(UpdateRule.DL4J)),
                rule("authors' scaled AdamW", () -> new AuthorsScaledAdamW(1e-2)),
                rule("lora-pro", LoraPro::new),
                rule("lora-pro in front of another", () -> new RiemannianPreconditioner(1e-2, new LoraPro())));
    }

    private static Arguments rule(String name, Supplier<UpdateRule> rule) {
        return Arguments.of(org.junit.jupiter.api.Named.of(name, rule));
    }

    private record Outcome(List<StepInfo> steps, List<Long> epochEnds, TrainResult result, INDArray parameters) {}

    private static Outcome train(UpdateRule rule, TrainControl control) {
        AdaptedModel model = model();
        List<StepInfo> steps = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void onStep(StepInfo info) {
                steps.add(info);
            }

            @Override
            public void onEpochEnd(int epoch, long taken) {
                ends.add(taken);
            }
        };
        TrainResult result =
                Trainer.fit(GraphTwins.alone(model.graph()), rule, DATA, CONFIG, STREAMS, listener, control);
        return new Outcome(steps, ends, result, model.graph().params().dup());
    }

    private static TrainControl stopAfter(@Nullable TrainCheckpoint from, int steps) {
        int[] asked = {0};
        return new TrainControl(from, () -> asked[0]++ >= steps);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void goesOnToTheLastBit(Supplier<UpdateRule> rule) {
        Outcome whole = train(rule.get(), TrainControl.WHOLE);
        assertNull(whole.result().stoppedAt());
        int total = EPOCHS * STEPS_PER_EPOCH;
        assertEquals(total, whole.steps().size());
        for (int k = 0; k < total; k++) {
            Outcome first = train(rule.get(), stopAfter(null, k));
            TrainCheckpoint here = first.result().stoppedAt();
            assertNotNull(here, "stopped after " + k);
            assertEquals(k, here.steps());
            Outcome second = train(rule.get(), new TrainControl(here, () -> false));

            List<StepInfo> steps = new ArrayList<>(first.steps());
            steps.addAll(second.steps());
            assertEquals(whole.steps(), steps, "stopped after " + k);
            List<Long> ends = new ArrayList<>(first.epochEnds());
            ends.addAll(second.epochEnds());
            assertEquals(whole.epochEnds(), ends, "every epoch ends once");
            assertEquals(whole.parameters(), second.parameters());
            assertEquals(total, second.result().steps());
        }
    }

    @Test
    void canBeStoppedAgainAndAgain() {
        Outcome whole = train(new LoraPro(), TrainControl.WHOLE);
        List<StepInfo> steps = new ArrayList<>();
        Outcome part = train(new LoraPro(), stopAfter(null, 2));
        steps.addAll(part.steps());
        while (part.result().stoppedAt() != null) {
            part = train(new LoraPro(), stopAfter(part.result().stoppedAt(), 2));
            steps.addAll(part.steps());
        }
        assertEquals(whole.steps(), steps);
    }

    @Test
    void refusesWhatDoesNotFit() {
        TrainCheckpoint here =
                train(UpdateRule.DL4J, stopAfter(null, 1)).result().stoppedAt();
        assertNotNull(here);
        AdaptedModel other = TestNetworks.adapted(DataType.DOUBLE, new Sgd(0.1), WorkspaceMode.ENABLED, 0);
        IllegalArgumentException state = assertThrows(
                IllegalArgumentException.class,
                () -> Trainer.fit(
                        GraphTwins.alone(other.graph()),
                        UpdateRule.DL4J,
                        DATA,
                        CONFIG,
                        STREAMS,
                        TrainListener.NONE,
                        new TrainControl(here, () -> false)));
        assertTrue(String.valueOf(state.getMessage()).contains("numbers of updater state"), state::getMessage);
        assertThrows(
                IllegalArgumentException.class,
                () -> UpdateRule.DL4J.restore(Map.of("adapted_loraA.m", Nd4j.zeros(2))));
        assertThrows(IllegalArgumentException.class, () -> new LoraPro().restore(Map.of("adapted.m", Nd4j.zeros(2))));
    }
}
