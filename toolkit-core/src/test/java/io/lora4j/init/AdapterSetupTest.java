package io.lora4j.init;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.TestNetworks;
import io.lora4j.error.DivergedException;
import io.lora4j.error.UserException;
import io.lora4j.train.RandomStreams;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class AdapterSetupTest {
    private static ComputationGraphConfiguration adapted(int rank, List<String> targets) {
        return AdapterInjector.inject(
                TestNetworks.configuration(DataType.DOUBLE), new LoraConfig(rank, 8, Scaling.STANDARD, 0, targets));
    }

    @Test
    void aLayersFactorsDoNotDependOnTheOtherTargets() {
        RandomStreams streams = new RandomStreams(3);
        AdaptedModel one = AdaptedModel.of(adapted(2, List.of("second")), TestNetworks.weights(DataType.DOUBLE));
        AdaptedModel two =
                AdaptedModel.of(adapted(2, List.of("first", "second")), TestNetworks.weights(DataType.DOUBLE));

        List<LayerInitReport> reports = AdapterSetup.apply(one, new KaimingInit(), null, streams);
        AdapterSetup.apply(two, new KaimingInit(), null, streams);

        INDArray expected = one.adapters().get("encoder.second").loraA();
        assertEquals(expected, two.adapters().get("encoder.second").loraA());
        assertEquals(
                List.of("encoder.second"),
                reports.stream().map(LayerInitReport::layer).toList());
    }

    @Test
    void aGradientInitialiserWithoutGradientsIsRefused() {
        AdaptedModel model = AdaptedModel.of(adapted(2, List.of("second")), TestNetworks.weights(DataType.DOUBLE));
        assertThrows(
                IllegalArgumentException.class,
                () -> AdapterSetup.apply(model, new LoraOneInit(), null, new RandomStreams(1)));
    }

    /** PiSSA's decomposition refused it with an IllegalArgumentException, OLoRA's did not notice. */
    @Test
    void aFrozenWeightWithNanIsRefusedByEveryStart() {
        FrozenWeights weights = TestNetworks.weights(DataType.DOUBLE);
        INDArray broken = weights.get("encoder.second.weight").dup();
        broken.putScalar(1, Double.NaN);
        AdaptedModel model =
                AdaptedModel.of(adapted(2, List.of("second")), weights.with(Map.of("encoder.second.weight", broken)));
        for (AdapterInitializer start : List.of(new KaimingInit(), new PissaInit(), new OloraInit())) {
            DivergedException e = assertThrows(
                    DivergedException.class, () -> AdapterSetup.apply(model, start, null, new RandomStreams(1)));
            assertEquals("encoder.second", e.layer());
            assertEquals(0, e.step());
        }
    }

    @Test
    void aRankThatTheInitialiserCannotServeIsRefusedBeforeAnyWork() {
        ComputationGraphConfiguration conf = adapted(3, List.of("first", "second"));
        assertDoesNotThrow(() -> AdapterSetup.requireRank(conf, new LoraOneInit()));
        UserException e = assertThrows(UserException.class, () -> AdapterSetup.requireRank(conf, new LoraGaInit()));
        assertEquals(
                "adapter rank 3 is larger than lora-ga allows: layer encoder.first is 6 x 4, and over all adapted layers"
                        + " the rank is at most 2",
                e.getMessage());
    }
}
