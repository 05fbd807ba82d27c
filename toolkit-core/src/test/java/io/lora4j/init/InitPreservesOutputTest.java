package io.lora4j.init;

import static io.lora4j.golden.Golden.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Every initialiser but LoRA-One's final and spectral forms starts at the pre-trained function: W + shift + s A B = W. */
class InitPreservesOutputTest {
    private static List<AdapterInitializer> preserving() {
        List<AdapterInitializer> all = new ArrayList<>();
        all.addAll(List.of(
                new KaimingInit(),
                new GaussianInit(),
                new GaussianInit(0.3),
                new OrthogonalInit(),
                new PissaInit(),
                new OloraInit()));
        for (Refill refill : Refill.values()) {
            all.add(new LoraOneTalkInit(16, refill));
        }
        for (LoraGaInit.Direction direction : LoraGaInit.Direction.values()) {
            for (LoraGaInit.Scale scale : LoraGaInit.Scale.values()) {
                for (Refill refill : Refill.values()) {
                    all.add(new LoraGaInit(direction, scale, 16, refill));
                }
            }
            for (LoraGaPeftInit.Scale scale : LoraGaPeftInit.Scale.values()) {
                all.add(new LoraGaPeftInit(direction, scale, 16, Refill.KAIMING));
            }
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE,20", "DOUBLE,3", "FLOAT,20", "FLOAT,3", "DOUBLE,0", "FLOAT,0"})
    void effectiveWeightIsTheWeight(DataType type, int gradientRank) {
        INDArray weight = Contexts.gaussian(type, 20, 28, 0.2, 1);
        INDArray gradient = gradientRank == 0
                ? weight.mul(0)
                : Contexts.gaussian(type, 20, gradientRank, 0.1, 2)
                        .mmul(Contexts.gaussian(type, gradientRank, 28, 0.1, 3));
        for (AdapterInitializer init : preserving()) {
            InitContext context = Contexts.of(weight, gradient, 4, 8);
            InitialAdapter adapter = init.initialize(context);
            double largest =
                    Math.max(1, adapter.a().mmul(adapter.b()).amaxNumber().doubleValue() * context.scaling());
            double limit = (type == DataType.DOUBLE ? 1e-15 : 1e-7) * largest;
            assertEquals(
                    0,
                    distance(weight.castTo(DataType.DOUBLE), Contexts.effectiveWeight(context, adapter)),
                    limit,
                    init.name() + " " + adapter.report());
        }
    }

    @Test
    void loraOnesFinalAndSpectralFormsDoNot() {
        INDArray weight = Contexts.gaussian(DataType.DOUBLE, 20, 28, 0.2, 1);
        InitContext context = Contexts.of(weight, Contexts.gaussian(DataType.DOUBLE, 20, 28, 0.1, 2), 4, 8);
        for (AdapterInitializer init : List.of(new LoraOneInit(), new LoraOneSpectralInit())) {
            InitialAdapter adapter = init.initialize(context);
            assertTrue(distance(weight, Contexts.effectiveWeight(context, adapter)) > 1e-3, init.name());
        }
    }
}
