package io.lora4j.init;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.golden.Golden;
import io.lora4j.init.LoraGaInit.Direction;
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

    private static List<JsonNode> peftsForm() {
        return Golden.cases("lora_ga_init.json", c -> c.get("variant").asText().equals("peft"));
    }

    private static LoraGaInit initOf(JsonNode golden) {
        return new LoraGaInit(
                Direction.valueOf(golden.get("direction").asText().toUpperCase(Locale.ROOT)),
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

    @Test
    void theFileHasEighteenCasesOfPeftsForm() {
        assertEquals(18, peftsForm().size());
        assertEquals(54, Golden.cases("lora_ga_init.json", c -> true).size());
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE,1e-7", "FLOAT,2e-6"})
    void peftsFactorsAndShiftedWeightAgree(DataType type, double tolerance) {
        for (JsonNode golden : peftsForm()) {
            InitContext context = Contexts.of(golden, type);
            InitialAdapter adapter = new LoraGaPeftInit(
                            Direction.valueOf(golden.get("direction").asText().toUpperCase(Locale.ROOT)),
                            LoraGaPeftInit.Scale.valueOf(
                                    golden.get("scale").asText().toUpperCase(Locale.ROOT)),
                            golden.get("stable_gamma").asDouble(),
                            Refill.NONE)
                    .initialize(context);
            // weight_svd divides by a singular value of the gradient: in float32 entries reach 10 and more.
            double size = Math.max(1, adapter.b().amaxNumber().doubleValue());
            Contexts.assertAgrees(golden, context, adapter, tolerance * size);
            assertEquals(0, adapter.report().deadPairs());
        }
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE,1e-7", "FLOAT,2e-6"})
    void factorsAndShiftedWeightAgree(DataType type, double tolerance) {
        for (JsonNode golden : authorsForm()) {
            String name = golden.get("name").asText();
            InitContext context = Contexts.of(golden, type);
            InitialAdapter adapter = initOf(golden).initialize(context);

            assertNotNull(adapter.weightShift(), name);
            assertEquals(type, adapter.weightShift().dataType(), name);
            Contexts.assertAgrees(golden, context, adapter, tolerance);
            assertEquals(0, adapter.report().deadPairs(), name);
        }
    }
}
