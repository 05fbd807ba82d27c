package io.lora4j.init;

import static io.lora4j.golden.Golden.distance;
import static io.lora4j.golden.Golden.transposed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.golden.Golden;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

@Tag("golden")
class LoraGaGoldenTest {
    private static List<JsonNode> authorsForm() {
        return Golden.cases("lora_ga_init.json", c -> c.get("variant").asText().equals("official"));
    }

    private static LoraGaInit initOf(JsonNode golden) {
        return new LoraGaInit(
                LoraGaInit.Direction.valueOf(golden.get("direction").asText().toUpperCase(Locale.ROOT)),
                LoraGaInit.Scale.valueOf(golden.get("scale").asText().toUpperCase(Locale.ROOT)),
                golden.get("stable_gamma").asDouble(),
                Refill.NONE);
    }

    @Test
    void theFileHasThirtySixCasesOfTheAuthorsForm() {
        assertEquals(36, authorsForm().size());
        assertEquals(
                4,
                authorsForm().stream()
                        .filter(c -> c.get("direction").asText().equals("ArB2r")
                                && c.get("scale").asText().equals("stable"))
                        .count());
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE,1e-7", "FLOAT,2e-6"})
    void factorsAndShiftedWeightAgree(DataType type, double tolerance) {
        for (JsonNode golden : authorsForm()) {
            String name = golden.get("name").asText();
            JsonNode expected = golden.get("expect");
            InitContext context = Contexts.of(golden, type);
            InitialAdapter adapter = initOf(golden).initialize(context);

            assertEquals(type, adapter.a().dataType(), name);
            assertEquals(type, adapter.b().dataType(), name);
            assertNotNull(adapter.weightShift(), name);
            assertEquals(type, adapter.weightShift().dataType(), name);
            assertEquals(
                    0, distance(transposed(expected.get("A0")), adapter.a().castTo(DataType.DOUBLE)), tolerance, name);
            assertEquals(
                    0, distance(transposed(expected.get("B0")), adapter.b().castTo(DataType.DOUBLE)), tolerance, name);
            assertEquals(
                    0,
                    distance(
                            transposed(expected.get("W_base")),
                            context.weight().add(adapter.weightShift()).castTo(DataType.DOUBLE)),
                    tolerance,
                    name);
            assertEquals(
                    0,
                    distance(transposed(expected.get("W_eff")), Contexts.effectiveWeight(context, adapter)),
                    tolerance,
                    name);
            assertEquals(0, adapter.report().deadPairs(), name);
        }
    }
}
