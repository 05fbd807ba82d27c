package io.lora4j.models.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An adapter trained on a shifted base as one of twice the rank for the untouched base, against numpy. */
@Tag("golden")
class Rank2rConversionGoldenTest {
    private static final double TOLERANCE = 1e-9;

    private static JsonNode golden() throws IOException {
        try (InputStream in = Rank2rConversionGoldenTest.class.getResourceAsStream("/golden/rank2r_conversion.json")) {
            assertNotNull(in);
            return new ObjectMapper().readTree(in);
        }
    }

    /** A matrix of the file, [out, in], in our orientation. */
    private static INDArray transposed(JsonNode rows) {
        double[][] values = new double[rows.size()][rows.get(0).size()];
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values[i].length; j++) {
                values[i][j] = rows.get(i).get(j).asDouble();
            }
        }
        return Nd4j.createFromArray(values).transpose();
    }

    private static void assertClose(INDArray expected, INDArray actual) {
        assertTrue(expected.equalShapes(actual), actual.shapeInfoToString());
        assertEquals(0, expected.sub(actual).amaxNumber().doubleValue(), TOLERANCE);
    }

    @Test
    void factorsAlphaAndEffectiveWeightAgree() throws IOException {
        JsonNode golden = golden();
        JsonNode expected = golden.get("expect");
        LoraFactors now = new LoraFactors(transposed(golden.get("A_T")), transposed(golden.get("B_T")));
        LoraFactors start = new LoraFactors(transposed(golden.get("A0")), transposed(golden.get("B0")));
        PeftAdapter trained = new PeftAdapter(
                golden.get("rslora").asBoolean() ? Scaling.RSLORA : Scaling.STANDARD,
                0,
                WeightForm.PLAIN,
                Map.of("layer", now),
                Map.of("layer", golden.get("alpha").asDouble()),
                Map.of(),
                Map.of());

        PeftAdapter converted = trained.relativeTo(Map.of("layer", start));

        LoraFactors factors = converted.layers().get("layer");
        assertNotNull(factors);
        Double alpha = converted.alphas().get("layer");
        assertNotNull(alpha);
        double scale = converted.scale("layer");
        assertEquals(expected.get("r").asInt(), factors.rank());
        assertEquals(expected.get("alpha").asDouble(), alpha, TOLERANCE);
        assertEquals(expected.get("scaling").asDouble(), scale, TOLERANCE);
        assertClose(transposed(expected.get("A")), factors.a());
        assertClose(transposed(expected.get("B")), factors.b());
        INDArray effective =
                transposed(golden.get("W")).add(factors.a().mmul(factors.b()).mul(scale));
        assertClose(transposed(expected.get("W_eff_from_converted")), effective);
        assertClose(transposed(expected.get("W_eff_from_trained")), effective);
    }
}
