package io.lora4j.init;

import static io.lora4j.golden.Golden.distance;
import static io.lora4j.golden.Golden.transposed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.golden.Golden;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("golden")
class LoraOneGoldenTest {
    private static List<JsonNode> ofMethod(String method) {
        return Golden.cases("lora_one_init.json", c -> c.get("method").asText().equals(method));
    }

    private static List<JsonNode> finalForm() {
        return ofMethod("lora_one_final");
    }

    @Test
    void theFileHasSixteenCases() {
        assertEquals(10, finalForm().size());
        assertEquals(3, ofMethod("lora_one_v1").size());
        assertEquals(3, ofMethod("spectral_init").size());
        assertEquals(16, Golden.cases("lora_one_init.json", c -> true).size());
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE,1e-7", "FLOAT,2e-6"})
    void theTalksFactorsAndShiftedWeightAgree(DataType type, double tolerance) {
        for (JsonNode golden : ofMethod("lora_one_v1")) {
            InitContext context = Contexts.of(golden, type);
            InitialAdapter adapter =
                    new LoraOneTalkInit(golden.get("gamma").asDouble(), Refill.NONE).initialize(context);
            Contexts.assertAgrees(golden, context, adapter, tolerance);
            assertNull(adapter.report().effectiveStep());
            assertEquals(0, adapter.report().deadPairs());
        }
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE,1e-7", "FLOAT,2e-6"})
    void theSpectralFactorsAndStepAgree(DataType type, double tolerance) {
        for (JsonNode golden : ofMethod("spectral_init")) {
            double gamma = golden.get("gamma").asDouble();
            InitContext context = Contexts.of(
                    transposed(golden.get("W")).castTo(type),
                    transposed(golden.get("G")).castTo(type),
                    golden.get("r").asInt(),
                    1);
            InitialAdapter adapter = new LoraOneSpectralInit(gamma, Refill.NONE).initialize(context);
            Contexts.assertAgrees(golden, context, adapter, tolerance);
            assertNull(adapter.weightShift());
            assertEquals(gamma, adapter.report().effectiveStep());
            assertEquals(
                    0,
                    distance(
                            transposed(golden.get("expect").get("check_gamma_Pr_minusG")),
                            adapter.a().mmul(adapter.b()).castTo(DataType.DOUBLE)),
                    tolerance);
        }
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE,1e-7", "FLOAT,2e-6"})
    void factorsAndEffectiveWeightAgree(DataType type, double tolerance) {
        for (JsonNode golden : finalForm()) {
            String name = golden.get("name").asText();
            // The rank-1 case prescribes its own tolerance: its second pair is rounding noise.
            double limit = name.startsWith("rank1") ? 1e-6 : tolerance;
            JsonNode expected = golden.get("expect");
            InitContext context = Contexts.of(golden, type);
            InitialAdapter adapter = new LoraOneInit(golden.get("gamma").asDouble(), Refill.NONE).initialize(context);

            assertEquals(type, adapter.a().dataType(), name);
            assertEquals(type, adapter.b().dataType(), name);
            assertNull(adapter.weightShift(), name);
            assertEquals(0, distance(transposed(expected.get("A0")), adapter.a().castTo(DataType.DOUBLE)), limit, name);
            assertEquals(0, distance(transposed(expected.get("B0")), adapter.b().castTo(DataType.DOUBLE)), limit, name);
            assertEquals(
                    0,
                    distance(transposed(expected.get("W_eff")), Contexts.effectiveWeight(context, adapter)),
                    Math.max(limit, 1e-7),
                    name);
        }
    }

    @Test
    void reportCarriesTheGoldenStepAndSpectrum() {
        for (JsonNode golden : finalForm()) {
            JsonNode expected = golden.get("expect");
            int rank = golden.get("r").asInt();
            LayerInitReport report = new LoraOneInit(golden.get("gamma").asDouble())
                    .initialize(Contexts.of(golden, DataType.DOUBLE))
                    .report();
            double[] s = Golden.numbers(expected.get("singular_values"));
            assertNotNull(report.effectiveStep());
            assertEquals(expected.get("effective_lr").asDouble(), report.effectiveStep(), 1e-9);
            assertNotNull(report.sigma1());
            assertEquals(s[0], report.sigma1(), 1e-9);
            assertNotNull(report.sigmaR());
            assertEquals(s[rank - 1], report.sigmaR(), 1e-9);
        }
    }
}
