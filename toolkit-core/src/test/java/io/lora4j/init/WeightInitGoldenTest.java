package io.lora4j.init;

import static io.lora4j.golden.Golden.transposed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lora4j.golden.Golden;
import io.lora4j.linalg.TruncatedSvd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** PiSSA and OLoRA, which look at the weight alone. */
class WeightInitGoldenTest {
    private static InitContext context(JsonNode file, DataType type) {
        return Contexts.of(
                transposed(file.get("W")).castTo(type),
                null,
                file.get("r").asInt(),
                file.get("scaling").asDouble());
    }

    private static JsonNode asCase(JsonNode expected) {
        return JsonNodeFactory.instance.objectNode().set("expect", expected);
    }

    @ParameterizedTest
    @Tag("golden")
    @CsvSource({"DOUBLE,1e-7", "FLOAT,2e-6"})
    void pissaAgrees(DataType type, double tolerance) {
        JsonNode file = Golden.read("other_methods.json");
        InitContext context = context(file, type);
        InitialAdapter adapter = new PissaInit().initialize(context);
        Contexts.assertAgrees(asCase(file.get("pissa")), context, adapter, tolerance);
        assertNull(adapter.report().sigma1());
    }

    /** Also the signs, which are LAPACK's. */
    @ParameterizedTest
    @Tag("golden")
    @CsvSource({"DOUBLE,1e-9", "FLOAT,2e-6"})
    void oloraAgrees(DataType type, double tolerance) {
        JsonNode file = Golden.read("other_methods.json");
        InitContext context = context(file, type);
        Contexts.assertAgrees(asCase(file.get("olora")), context, new OloraInit().initialize(context), tolerance);
    }

    @Test
    void pissaLeavesTheResidualBeyondRankR() {
        INDArray weight = Contexts.gaussian(DataType.DOUBLE, 14, 9, 0.3, 1);
        InitialAdapter adapter = new PissaInit().initialize(Contexts.of(weight, null, 3, 2));
        assertNotNull(adapter.weightShift());
        double[] all = TruncatedSvd.of(weight, 9).s();
        double[] residual =
                TruncatedSvd.of(weight.add(adapter.weightShift()), 6).s();
        for (int i = 0; i < 6; i++) {
            assertEquals(all[i + 3], residual[i], 1e-12);
        }
    }

    @Test
    void pissaRestartsPairsBeyondTheWeightsRank() {
        INDArray weight =
                Contexts.gaussian(DataType.DOUBLE, 14, 2, 0.3, 1).mmul(Contexts.gaussian(DataType.DOUBLE, 2, 9, 1, 2));
        InitialAdapter adapter = new PissaInit().initialize(Contexts.of(weight, null, 3, 2));
        assertEquals(1, adapter.report().deadPairs());
        assertEquals(
                "1 of 3 pairs beyond the weight's rank start as plain LoRA",
                adapter.report().note());
        KaimingInitTest.assertKaiming(adapter.a().getColumn(2), 14);
        assertEquals(0, adapter.b().getRow(2).norm2Number().doubleValue());
        InitialAdapter ofZero = new PissaInit().initialize(Contexts.of(Nd4j.zeros(DataType.FLOAT, 5, 4), null, 3, 2));
        assertEquals(3, ofZero.report().deadPairs());
    }

    @Test
    void orthogonalFactorsAreNotZeroAndTheirProductIs() {
        INDArray weight = Contexts.gaussian(DataType.DOUBLE, 40, 30, 0.3, 1);
        InitialAdapter adapter = new OrthogonalInit().initialize(Contexts.of(weight, null, 8, 2));
        assertEquals(0, adapter.a().mmul(adapter.b()).amaxNumber().doubleValue(), 1e-15);
        // An entry of A is a sum of r/2 products of N(0, 1) and an entry of Q, over 10: variance (r/2) (1/r) / 100.
        double variance = 0.5 / 100;
        assertEquals(
                variance,
                adapter.a().mul(adapter.a()).meanNumber().doubleValue(),
                4 * variance / Math.sqrt(40 * 4 / 2));
        assertEquals(
                variance,
                adapter.b().mul(adapter.b()).meanNumber().doubleValue(),
                4 * variance / Math.sqrt(30 * 4 / 2));
        assertEquals(4, TruncatedSvd.of(adapter.a(), 8).countAbove(1e-10));
    }

    /** ND4J refuses a strided interval over two rows. */
    @Test
    void orthogonalServesTheSmallestRank() {
        INDArray weight = Contexts.gaussian(DataType.DOUBLE, 6, 5, 0.3, 1);
        InitialAdapter adapter = new OrthogonalInit().initialize(Contexts.of(weight, null, 2, 2));
        assertEquals(0, adapter.a().mmul(adapter.b()).amaxNumber().doubleValue(), 1e-15);
        assertTrue(adapter.a().norm2Number().doubleValue() > 0.01);
        assertTrue(adapter.b().norm2Number().doubleValue() > 0.01);
    }

    @Test
    void orthogonalRefusesAnOddRank() {
        INDArray weight = Contexts.gaussian(DataType.DOUBLE, 40, 30, 0.3, 1);
        Exception e = assertThrows(io.lora4j.error.UserException.class, () -> new OrthogonalInit()
                .initialize(Contexts.of(weight, null, 3, 2)));
        assertEquals(
                "initialiser orthogonal gives half of the rank to A and half to B: rank 3 of layer encoder.dense is odd;"
                        + " choose 4 or another even rank",
                e.getMessage());
    }

    @Test
    void gaussianHasTheStandardDeviationAskedFor() {
        INDArray weight = Contexts.gaussian(DataType.FLOAT, 500, 30, 0.3, 1);
        INDArray peft =
                new GaussianInit().initialize(Contexts.of(weight, null, 8, 2)).a();
        INDArray own = new GaussianInit(0.5)
                .initialize(Contexts.of(weight, null, 8, 2))
                .a();
        double n = peft.length();
        assertEquals(1 / 64.0, peft.mul(peft).meanNumber().doubleValue(), 4 / 64.0 * Math.sqrt(2 / n));
        assertEquals(0, peft.meanNumber().doubleValue(), 4 / 8.0 / Math.sqrt(n));
        assertEquals(
                0,
                Golden.distance(
                        own.castTo(DataType.DOUBLE),
                        peft.castTo(DataType.DOUBLE).mul(4)),
                1e-6);
        INDArray row = peft.get(NDArrayIndex.point(0), NDArrayIndex.all());
        java.util.SplittableRandom random = new java.util.SplittableRandom(42);
        for (int j = 0; j < 8; j++) {
            assertEquals(random.nextGaussian() / 8, row.getDouble(j), 1e-7);
        }
    }
}
