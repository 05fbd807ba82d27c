package io.lora4j.init;

import static io.lora4j.golden.Golden.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.adapter.Scaling;
import io.lora4j.golden.Golden;
import java.util.Random;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Layers for the initialisers' tests. */
final class Contexts {
    private Contexts() {}

    static InitContext of(INDArray weight, @Nullable INDArray gradient, int rank, double scaling) {
        return new InitContext("encoder.dense", weight, gradient, rank, scaling, new SplittableRandom(42));
    }

    /** A golden case in our orientation. */
    static InitContext of(JsonNode golden, DataType type) {
        int rank = golden.get("r").asInt();
        Scaling scaling = golden.get("rslora").asBoolean() ? Scaling.RSLORA : Scaling.STANDARD;
        return of(
                Golden.transposed(golden.get("W")).castTo(type),
                Golden.transposed(golden.get("G")).castTo(type),
                rank,
                scaling.factor(golden.get("alpha").asDouble(), rank));
    }

    /** Factors, shifted weight and effective weight against what a golden case expects. */
    static void assertAgrees(JsonNode golden, InitContext context, InitialAdapter adapter, double tolerance) {
        JsonNode expected = golden.get("expect");
        String name = golden.path("name").asText();
        DataType type = context.weight().dataType();
        assertEquals(type, adapter.a().dataType(), name);
        assertEquals(type, adapter.b().dataType(), name);
        assertEquals(
                0,
                distance(Golden.transposed(expected.get("A0")), adapter.a().castTo(DataType.DOUBLE)),
                tolerance,
                name);
        assertEquals(
                0,
                distance(Golden.transposed(expected.get("B0")), adapter.b().castTo(DataType.DOUBLE)),
                tolerance,
                name);
        INDArray shift = adapter.weightShift();
        INDArray base = shift == null ? context.weight() : context.weight().add(shift);
        assertEquals(
                0, distance(Golden.transposed(expected.get("W_base")), base.castTo(DataType.DOUBLE)), tolerance, name);
        if (expected.has("W_eff")) {
            assertEquals(
                    0,
                    distance(Golden.transposed(expected.get("W_eff")), effectiveWeight(context, adapter)),
                    tolerance,
                    name);
        }
    }

    static INDArray gaussian(DataType type, int rows, int columns, double scale, long seed) {
        Random random = new Random(seed);
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = scale * random.nextGaussian();
        }
        return Nd4j.createFromArray(values).reshape('c', rows, columns).castTo(type);
    }

    /** W + shift + s A B in float64: what the layer multiplies its input with at the start. */
    static INDArray effectiveWeight(InitContext context, InitialAdapter adapter) {
        INDArray product = adapter.a().castTo(DataType.DOUBLE).mmul(adapter.b().castTo(DataType.DOUBLE));
        INDArray weight = context.weight().castTo(DataType.DOUBLE).add(product.mul(context.scaling()));
        INDArray shift = adapter.weightShift();
        return shift == null ? weight : weight.add(shift.castTo(DataType.DOUBLE));
    }
}
