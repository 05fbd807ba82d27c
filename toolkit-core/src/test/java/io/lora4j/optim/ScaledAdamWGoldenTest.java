package io.lora4j.optim;

import static io.lora4j.golden.Golden.distance;
import static io.lora4j.golden.Golden.transposed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.error.DivergedException;
import io.lora4j.golden.Golden;
import io.lora4j.train.UpdateRule;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Two steps of every case of preconditioned AdamW and SGD, through a graph's own gradient, parameter and updater arrays. */
class ScaledAdamWGoldenTest {
    private static final JsonNode FILE = Golden.read("scaled_adamw.json");

    private static OneAdapter adapter(JsonNode golden, DataType type, boolean sgd) {
        double rate = golden.get("lr").asDouble();
        if (sgd) {
            return OneAdapter.of(type, 4, 3, 2, 2, new GroupedOptimizer(new Sgd(rate), 0, new UniformGroups(true)));
        }
        double epsilon = golden.get("eps").asDouble();
        AdamW adamW = new AdamW(rate, null, 0.9, 0.999, epsilon, EpsilonMode.TORCH);
        double decay = golden.get("weight_decay").asDouble();
        return OneAdapter.of(type, 4, 3, 2, 2, new GroupedOptimizer(adamW, decay, new UniformGroups(true)));
    }

    @ParameterizedTest
    @Tag("golden")
    @CsvSource({"DOUBLE,1e-9", "FLOAT,2e-6"})
    void twoStepsOfEveryCaseAgree(DataType type, double tolerance) {
        assertEquals(6, FILE.get("cases").size());
        for (JsonNode golden : FILE.get("cases")) {
            String kind = golden.get("kind").asText();
            OneAdapter adapter = adapter(golden, type, kind.equals("scaled_gd"));
            adapter.setFactors(transposed(FILE.get("A0")), transposed((golden.has("B0") ? golden : FILE).get("B0")));
            double damping = golden.get("reg").asDouble();
            double epsilon = golden.get("eps").asDouble();
            UpdateRule rule = kind.equals("pilanci_code")
                    ? new AuthorsScaledAdamW(damping, 0.9, 0.999, epsilon, UpdateRule.DL4J)
                    : new RiemannianPreconditioner(damping);
            for (int step = 0; step < 2; step++) {
                INDArray gradA = transposed(FILE.get("grads_A").get(step));
                INDArray gradB = transposed(FILE.get("grads_B").get(step));
                adapter.step(rule, gradA, gradB, 0, step);
                JsonNode expected = golden.get("steps").get(step);
                String name = golden.get("name").asText() + ", step " + step;
                assertAgrees(expected.get("A"), adapter.a(), tolerance, name);
                assertAgrees(expected.get("B"), adapter.b(), tolerance, name);
            }
        }
    }

    private static void assertAgrees(JsonNode expected, INDArray actual, double tolerance, String name) {
        assertEquals(0, distance(transposed(expected), actual.castTo(DataType.DOUBLE)), tolerance, name);
    }

    /** What the wrapped rule is handed. */
    @Test
    @Tag("golden")
    void preconditionedGradientsAgree() {
        for (JsonNode golden : FILE.get("cases")) {
            if (!golden.get("kind").asText().equals("peft")) {
                continue;
            }
            OneAdapter adapter = adapter(golden, DataType.DOUBLE, false);
            adapter.setFactors(transposed(FILE.get("A0")), transposed((golden.has("B0") ? golden : FILE).get("B0")));
            JsonNode expected = golden.get("steps").get(0);
            AtomicInteger calls = new AtomicInteger();
            UpdateRule look = (graph, step, epoch) -> {
                calls.incrementAndGet();
                assertAgrees(expected.get("preconditioned_gA"), adapter.gradient(ParameterGroups.LORA_A), 1e-9, "gA");
                assertAgrees(expected.get("preconditioned_gB"), adapter.gradient(ParameterGroups.LORA_B), 1e-9, "gB");
            };
            adapter.step(
                    new RiemannianPreconditioner(golden.get("reg").asDouble(), look),
                    transposed(FILE.get("grads_A").get(0)),
                    transposed(FILE.get("grads_B").get(0)),
                    0,
                    0);
            assertEquals(1, calls.get());
        }
    }

    /** Everything but the factors moves as without the rule. */
    @Test
    void otherParametersAreLeftToTheirUpdaters() {
        JsonNode golden = FILE.get("cases").get(1);
        INDArray gradA = transposed(FILE.get("grads_A").get(0));
        INDArray gradB = transposed(FILE.get("grads_B").get(0));
        OneAdapter plain = adapter(golden, DataType.DOUBLE, false);
        plain.step(UpdateRule.DL4J, gradA, gradB, 0.3, 0);
        plain.step(UpdateRule.DL4J, gradA, gradB, -0.1, 1);
        for (UpdateRule rule : new UpdateRule[] {
            new RiemannianPreconditioner(RiemannianPreconditioner.DEFAULT_DAMPING),
            new AuthorsScaledAdamW(AuthorsScaledAdamW.DEFAULT_DAMPING),
            new LoraFa(),
            new LoraPro()
        }) {
            OneAdapter adapter = adapter(golden, DataType.DOUBLE, false);
            adapter.setFactors(plain.a(), transposed(FILE.get("B0")));
            adapter.step(rule, gradA, gradB, 0.3, 0);
            adapter.step(rule, gradA, gradB, -0.1, 1);
            assertEquals(plain.classifierWeight(), adapter.classifierWeight(), rule.toString());
            assertTrue(distance(plain.b(), adapter.b()) > 1e-6, rule.toString());
        }
    }

    @Test
    void wrongSettingsAndBrokenFactorsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new RiemannianPreconditioner(0));
        assertThrows(IllegalArgumentException.class, () -> new AuthorsScaledAdamW(Double.NaN));
        OneAdapter adapter = adapter(FILE.get("cases").get(0), DataType.DOUBLE, false);
        adapter.b().putScalar(0, 0, Double.NaN);
        INDArray gradA = Nd4j.zeros(DataType.DOUBLE, 4, 2);
        INDArray gradB = Nd4j.zeros(DataType.DOUBLE, 2, 3);
        DivergedException e = assertThrows(
                DivergedException.class, () -> adapter.step(new RiemannianPreconditioner(0.01), gradA, gradB, 0, 4));
        assertEquals("adapted", e.layer());
        assertEquals(5, e.step());
    }
}
