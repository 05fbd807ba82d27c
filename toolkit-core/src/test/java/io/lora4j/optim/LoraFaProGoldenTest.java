package io.lora4j.optim;

import static io.lora4j.golden.Golden.distance;
import static io.lora4j.golden.Golden.transposed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.golden.Golden;
import io.lora4j.linalg.SymmetricEigen;
import io.lora4j.train.UpdateRule;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** LoRA-FA and LoRA-Pro against numpy. */
class LoraFaProGoldenTest {
    private static final JsonNode OTHERS = Golden.read("other_methods.json");

    @ParameterizedTest
    @Tag("golden")
    @CsvSource({"DOUBLE,1e-9", "FLOAT,2e-6"})
    void loraFasGradientAgreesAndAStays(DataType type, double tolerance) {
        JsonNode golden = OTHERS.get("lora_fa");
        double s = OTHERS.get("scaling").asDouble();
        GroupedOptimizer optimizer = new GroupedOptimizer(new AdamW(0.1), 0.1, new UniformGroups(true));
        OneAdapter adapter = OneAdapter.of(type, 5, 6, OTHERS.get("r").asInt(), s, optimizer);
        adapter.setFactors(transposed(golden.get("A")), transposed(golden.get("B")));
        INDArray gradB = transposed(golden.get("gB"));
        INDArray a = adapter.a().dup();
        INDArray b = adapter.b().dup();
        UpdateRule look = (graph, step, epoch) -> {
            INDArray seen = adapter.gradient(ParameterGroups.LORA_B).castTo(DataType.DOUBLE);
            assertEquals(0, distance(transposed(golden.get("expect_gB")), seen), tolerance);
            assertEquals(
                    0, adapter.gradient(ParameterGroups.LORA_A).amaxNumber().doubleValue());
            UpdateRule.DL4J.apply(graph, step, epoch);
        };
        adapter.step(new LoraFa(look), a.castTo(DataType.DOUBLE), gradB, 0.1, 0);
        // Weight decay would have moved A.
        assertEquals(a, adapter.a());
        assertTrue(distance(b.castTo(DataType.DOUBLE), adapter.b().castTo(DataType.DOUBLE)) > 0.05);
    }

    @Test
    void loraFasGroupsGiveANoOptimiserState() {
        AdamW adamW = new AdamW(0.1, null, 0.9, 0.999, LoraFa.ADAM_EPSILON, EpsilonMode.ND4J);
        OneAdapter all =
                OneAdapter.of(DataType.DOUBLE, 5, 6, 2, 2, new GroupedOptimizer(adamW, 0.1, new UniformGroups(false)));
        OneAdapter fa =
                OneAdapter.of(DataType.DOUBLE, 5, 6, 2, 2, new GroupedOptimizer(adamW, 0.1, new LoraFaGroups(false)));
        long stateOfA = 2 * all.a().length();
        assertEquals(
                all.graph().getUpdater().getStateViewArray().length() - stateOfA,
                fa.graph().getUpdater().getStateViewArray().length());
        INDArray a = fa.a().dup();
        all.setFactors(fa.a(), fa.b());
        INDArray gradB = transposed(OTHERS.get("lora_fa").get("gB"));
        for (int step = 0; step < 3; step++) {
            fa.step(new LoraFa(), a, gradB, 0.1, step);
            all.step(new LoraFa(), a, gradB, 0.1, step);
        }
        assertEquals(a, fa.a());
        assertEquals(all.b(), fa.b());
        // The rate is frozen by itself, without the rule.
        fa.step(UpdateRule.DL4J, a, gradB, 0.1, 3);
        assertEquals(a, fa.a());
    }

    @Test
    @Tag("golden")
    void loraProsAdjustedGradientsAgree() {
        JsonNode golden = OTHERS.get("lora_pro");
        double s = OTHERS.get("scaling").asDouble();
        INDArray a = transposed(golden.get("A"));
        INDArray b = transposed(golden.get("B"));
        SymmetricEigen gramOfA = SymmetricEigen.of(a.transpose().mmul(a));
        SymmetricEigen gramOfB = SymmetricEigen.of(b.mmul(b.transpose()));
        EquivalentGradient geometry = new EquivalentGradient(a, b, s, gramOfA, gramOfB, 0);
        INDArray gradA = transposed(golden.get("gA"));
        INDArray gradB = transposed(golden.get("gB"));
        INDArray x =
                geometry.shiftBetweenFactors(geometry.projected(gradA, gradB).ofA());
        EquivalentGradient.Steps steps = geometry.adjusted(gradA, gradB);
        assertEquals(0, distance(transposed(golden.get("X")), x), 1e-9);
        assertEquals(0, distance(transposed(golden.get("expect_gA")), steps.ofA()), 1e-9);
        assertEquals(0, distance(transposed(golden.get("expect_gB")), steps.ofB()), 1e-9);
        INDArray equivalent = transposed(golden.get("equivalent_gradient"));
        assertEquals(0, distance(equivalent, geometry.of(steps)), 1e-9);
        assertEquals(0, distance(equivalent, geometry.of(geometry.projected(gradA, gradB))), 1e-9);
        assertEquals(0, distance(transposed(golden.get("check_projection")), geometry.of(steps)), 1e-9);
        EquivalentGradient.Steps seen = geometry.throughFactors(transposed(golden.get("W_grad")));
        assertEquals(0, distance(gradA, seen.ofA()), 1e-9);
        assertEquals(0, distance(gradB, seen.ofB()), 1e-9);
    }

    @ParameterizedTest
    @Tag("golden")
    @CsvSource({"DOUBLE,1e-9", "FLOAT,1e-4"})
    void threeStepsOfLoraProWithAdamAgree(DataType type, double tolerance) {
        JsonNode file = Golden.read("lora_pro_adam.json");
        for (JsonNode golden : file.get("cases")) {
            double rate = file.get("lr").asDouble();
            double decay = golden.get("weight_decay").asDouble();
            GroupedOptimizer optimizer = new GroupedOptimizer(new AdamW(rate), decay, new UniformGroups(true));
            OneAdapter adapter =
                    OneAdapter.of(type, 5, 4, 2, file.get("scaling").asDouble(), optimizer);
            adapter.setFactors(transposed(file.get("A0")), transposed(golden.get("B0")));
            LoraPro rule = new LoraPro();
            for (int step = 0; step < 3; step++) {
                JsonNode expected = golden.get("steps").get(step);
                adapter.step(rule, transposed(expected.get("gA")), transposed(expected.get("gB")), 0, step);
                String name = golden.get("name").asText() + ", step " + step;
                assertEquals(
                        0,
                        distance(transposed(expected.get("A")), adapter.a().castTo(DataType.DOUBLE)),
                        tolerance,
                        name);
                assertEquals(
                        0,
                        distance(transposed(expected.get("B")), adapter.b().castTo(DataType.DOUBLE)),
                        tolerance,
                        name);
            }
        }
    }
}
