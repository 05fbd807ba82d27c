package io.lora4j.recipes.run;

import static io.lora4j.recipes.run.MethodForms.Trait.ADAPTERS;
import static io.lora4j.recipes.run.MethodForms.Trait.DORA;
import static io.lora4j.recipes.run.MethodForms.Trait.FIXED_A;
import static io.lora4j.recipes.run.MethodForms.Trait.MOVES_AT_THE_START;
import static io.lora4j.recipes.run.MethodForms.Trait.SHIFTS_W;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenLinearLayer;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.error.DivergedException;
import io.lora4j.models.PretrainedModel;
import io.lora4j.models.peft.PeftAdapter;
import io.lora4j.models.peft.PeftAdapterReader;
import io.lora4j.models.peft.PeftModel;
import io.lora4j.recipes.method.MethodPlan;
import io.lora4j.recipes.method.Methods;
import io.lora4j.recipes.run.MethodForms.Form;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * What every method promises, in every form, on a random BERT of two layers in float64: the one place for it. A new method needs an entry
 * in {@link MethodForms} and nothing here.
 */
@Tag("slow")
class MethodContractTest {
    /** Scalars of two layers' A and of their B, rank 2: 4 maps 16 x 16, one 16 x 24 and one 24 x 16 each. */
    private static final long OF_A = 2 * (5 * 16 + 24) * 2;

    private static final long OF_B = OF_A;

    /** One for every output. */
    private static final long OF_MAGNITUDE = 2 * (5 * 16 + 24);

    private static final long HEAD = 16 * 2 + 2;
    private static final long TARGETS = 2 * (4 * 16 * 16 + 2 * 16 * 24);

    @TempDir
    private static Path folder;

    /** With dropout and weight decay. */
    private static ContractBench training;

    /** Without any randomness in the forward pass. */
    private static ContractBench still;

    @BeforeAll
    static void prepare() throws IOException {
        ContractBench.write(folder);
        training = ContractBench.of(folder);
        still = ContractBench.of(folder, "train.dropout=0", "gradient.dropout=false");
    }

    static List<Form> all() {
        return MethodForms.ALL;
    }

    static List<Form> adapted() {
        return MethodForms.adapted();
    }

    /** Forms that are trained in steps. */
    static List<Form> stepped() {
        return MethodForms.ALL.stream()
                .filter(form -> !form.label().matches("zero-step|one-step.*"))
                .toList();
    }

    static List<Form> notStepped() {
        return MethodForms.ALL.stream()
                .filter(form -> !stepped().contains(form))
                .toList();
    }

    private TrialDirectory directory(String name, Form form) {
        RunDirectory run = RunDirectory.claim(folder.resolve(name + "-" + form.label()));
        return TrialDirectory.open(run, training.key(form, 1));
    }

    private static AdaptedModel adapters(TrialStart start) {
        return Objects.requireNonNull(start.model());
    }

    @Test
    void everyMethodHasAnEntry() {
        Set<String> forms = new TreeSet<>();
        MethodForms.ALL.forEach(
                form -> forms.add(training.method(form).settings().type().name()));
        assertEquals(new TreeSet<>(Methods.byName().keySet()), forms);
        MethodForms.ALL.forEach(form ->
                assertEquals(form.is(ADAPTERS), training.plan(form) instanceof MethodPlan.Adapters, form.label()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void trainableCount(Form form) {
        long encoder = training.bench().model().weights().names().stream()
                .filter(name -> name.startsWith("bert."))
                .mapToLong(name -> training.bench().model().weights().get(name).length())
                .sum();
        long expected =
                switch (form.label()) {
                    case "head-only" -> HEAD;
                    case "zero-step" -> 0;
                    case "one-step-targets" -> TARGETS;
                    case "one-step-rank" -> OF_A + OF_B;
                    case "full", "one-step-all" -> encoder + HEAD;
                    default -> HEAD + OF_B + (form.is(FIXED_A) ? 0 : OF_A) + (form.is(DORA) ? OF_MAGNITUDE : 0);
                };
        try (TrialDirectory directory = directory("count", form)) {
            TrialResult result = training.run(form, training.seed(1), directory);
            assertEquals(expected, result.trainableParameters());
            assertTrue(Double.isFinite(result.dev().loss()));
        }
    }

    /** Bit for bit, after steps with weight decay: the shared base, what the start has put in its place, and a frozen A. */
    @ParameterizedTest
    @MethodSource("stepped")
    void frozenWeightsStay(Form form) {
        SeedContext seed = training.seed(1);
        FrozenWeights base = training.bench().model().weights();
        Map<String, INDArray> before = copies(base);
        TrialStart start = training.start(form, seed);
        Map<String, INDArray> bound = form.is(ADAPTERS) ? copies(adapters(start).weights()) : Map.of();
        INDArray parameters = start.graph().params().dup();
        Map<String, INDArray> drawn = new LinkedHashMap<>();
        if (form.is(FIXED_A)) {
            adapters(start)
                    .adapters()
                    .forEach((name, layer) -> drawn.put(name, layer.loraA().dup()));
        }
        training.train(form, start, seed);
        assertNotEquals(parameters, start.graph().params(), "something is trained");
        assertSame(before, base);
        if (form.is(ADAPTERS)) {
            assertSame(bound, adapters(start).weights());
            boolean shifted =
                    bound.entrySet().stream().anyMatch(entry -> !equalBits(entry.getValue(), base.get(entry.getKey())));
            assertEquals(form.is(SHIFTS_W), shifted);
        }
        drawn.forEach((name, a) ->
                assertTrue(equalBits(a, adapters(start).adapters().get(name).loraA()), name));
    }

    @ParameterizedTest
    @MethodSource("notStepped")
    void theSharedBaseStays(Form form) {
        Map<String, INDArray> before = copies(training.bench().model().weights());
        try (TrialDirectory directory = directory("base", form)) {
            training.run(form, training.seed(1), directory);
        }
        assertSame(before, training.bench().model().weights());
    }

    private static Map<String, INDArray> copies(FrozenWeights weights) {
        Map<String, INDArray> copies = new LinkedHashMap<>();
        weights.names().forEach(name -> copies.put(name, weights.get(name).dup()));
        return copies;
    }

    private static void assertSame(Map<String, INDArray> before, FrozenWeights now) {
        before.forEach((name, array) -> assertTrue(equalBits(array, now.get(name)), name));
    }

    private static boolean equalBits(INDArray one, INDArray other) {
        return one.equalsWithEps(other, 0);
    }

    @ParameterizedTest
    @MethodSource("stepped")
    void theStartLeavesTheOutputWhereItPromisesTo(Form form) {
        SeedContext seed = still.seed(1);
        INDArray output = still.output(form, still.start(form, seed).graph());
        double difference = distance(still.pretrainedOutput(form, seed), output);
        assertTrue(
                form.is(MOVES_AT_THE_START) ? difference > 1e-6 : difference < 1e-9,
                form + " differs by " + difference);
    }

    private static double distance(INDArray one, INDArray other) {
        return one.sub(other).amaxNumber().doubleValue();
    }

    /** At the start and after three steps, where B is not zero any more. */
    @ParameterizedTest
    @MethodSource("stepped")
    @Tag("gradcheck")
    void analyticGradientsAreTheNumericOnes(Form form) {
        SeedContext seed = still.seed(1);
        TrialStart start = still.start(form, seed);
        MultiDataSet data = still.devBatch(form);
        GradientCheck check = new GradientCheck(start.graph(), data, form.is(DORA) ? adapters(start) : null);
        check.run(form + " at the start");
        still.train(form, start, seed);
        check.run(form + " after training");
    }

    /** The step goes down the gradient: along it, the loss falls at the rate that the step's length tells. */
    @ParameterizedTest
    @MethodSource("notStepped")
    @Tag("gradcheck")
    void aSingleStepFollowsTheNumericGradient(Form form) {
        if (!(still.plan(form) instanceof MethodPlan.OneStep plan)) {
            return; // zero-step takes none: its count of 0 is checked above
        }
        SeedContext seed = still.seed(1);
        try (OneStepTrial trial = OneStepTrial.of(still.bench(), seed, plan.scope())) {
            ComputationGraph graph = trial.graph();
            // A step of eta along the direction D moves the loss by -eta |D|^2 to first order, for D = G and for its
            // rank-r
            // part alike.
            double eta = 1e-5;
            trial.moveTo(0);
            List<INDArray> before = weights(graph);
            trial.moveTo(eta);
            double down = trial.loss();
            List<INDArray> after = weights(graph);
            double length = 0;
            for (int i = 0; i < before.size(); i++) {
                double distance = after.get(i).sub(before.get(i)).norm2Number().doubleValue() / eta;
                length += distance * distance;
            }
            trial.moveTo(-eta);
            double slope = (trial.loss() - down) / (2 * eta);
            assertEquals(1, slope / length, 1e-5, form + ": slope " + slope + ", squared length " + length);
        }
    }

    /** Copies of everything a step can change: DL4J's parameters and the frozen matrices. */
    private static List<INDArray> weights(ComputationGraph graph) {
        List<INDArray> copies = new ArrayList<>(List.of(graph.params().dup()));
        for (Layer layer : graph.getLayers()) {
            if (layer instanceof FrozenLinearLayer linear) {
                copies.add(linear.weight().dup());
            }
        }
        return copies;
    }

    @ParameterizedTest
    @MethodSource("adapted")
    void anAdapterFolderGivesTheSameOutput(Form form) {
        SeedContext seed = training.seed(1);
        TrialStart start = training.start(form, seed);
        training.train(form, start, seed);
        try (TrialDirectory directory = directory("restore", form)) {
            training.run(form, training.seed(1), directory);
            PeftAdapter read = PeftAdapterReader.read(directory.resolve("adapter"), DataType.DOUBLE);
            Workbench bench = training.bench();
            AdaptedModel restored = PeftModel.of(
                    bench.plain(bench.trainingConfig(), 99), bench.model().weights(), read);
            INDArray expected = training.output(form, start.graph());
            assertEquals(0, distance(expected, training.output(form, restored.graph())), 1e-6);
            assertTrue(
                    distance(expected, training.pretrainedOutput(form, seed)) > 1e-5,
                    "training has changed the output");
        }
    }

    /** What has no adapters is an ordinary network, or nothing that could be saved. */
    @ParameterizedTest
    @MethodSource("all")
    void withoutAdaptersTheNetworkItselfIsSaved(Form form) throws IOException {
        if (form.is(ADAPTERS)) {
            return;
        }
        try (TrialDirectory directory = directory("none", form)) {
            training.run(form, training.seed(1), directory);
            assertFalse(Files.exists(directory.resolve("adapter")));
        }
        if (stepped().contains(form)) {
            SeedContext seed = training.seed(1);
            TrialStart start = training.start(form, seed);
            training.train(form, start, seed);
            File zip = folder.resolve(form.label() + ".zip").toFile();
            ModelSerializer.writeModel(start.graph(), zip, true);
            ComputationGraph restored = ModelSerializer.restoreComputationGraph(zip, true);
            assertTrue(equalBits(training.output(form, start.graph()), training.output(form, restored)));
        }
    }

    @ParameterizedTest
    @MethodSource("adapted")
    void mergedEqualsUnmerged(Form form) {
        SeedContext seed = training.seed(1);
        TrialStart start = training.start(form, seed);
        training.train(form, start, seed);
        AdaptedModel model = adapters(start);
        Map<String, INDArray> merged = new LinkedHashMap<>();
        model.adapters().forEach((name, layer) -> merged.put(name + ".weight", layer.mergedWeight()));
        Workbench bench = training.bench();
        AdaptedModel plain = AdaptedModel.of(
                bench.plain(bench.trainingConfig(), 99), bench.model().weights().with(merged));
        Head.of(start.graph()).copyTo(plain.graph());
        assertTrue(plain.adapters().isEmpty());
        assertEquals(0, distance(training.output(form, start.graph()), training.output(form, plain.graph())), 1e-9);
    }

    @ParameterizedTest
    @MethodSource("stepped")
    void theSameSeedGivesTheSameParametersToTheLastBit(Form form) {
        INDArray first = trained(form, 1);
        assertTrue(equalBits(first, trained(form, 1)));
        assertFalse(equalBits(first, trained(form, 2)));
    }

    private static INDArray trained(Form form, long seedNumber) {
        SeedContext seed = training.seed(seedNumber);
        TrialStart start = training.start(form, seed);
        training.train(form, start, seed);
        return start.graph().params().dup();
    }

    @ParameterizedTest
    @MethodSource("notStepped")
    void theSameSeedGivesTheSameScores(Form form) {
        try (TrialDirectory one = directory("once", form);
                TrialDirectory two = directory("twice", form)) {
            TrialResult first = training.run(form, training.seed(1), one);
            TrialResult second = training.run(form, training.seed(1), two);
            assertEquals(first.dev(), second.dev());
            assertEquals(first.chosenStep(), second.chosenStep());
        }
    }

    /** A rate at which any optimiser leaves the numbers' range. */
    @ParameterizedTest
    @MethodSource("stepped")
    void divergenceIsRefusedWithLayerAndStep(Form form) {
        SeedContext seed = training.seed(1);
        TrialStart start = training.start(form, seed, 1e200);
        DivergedException e = assertThrows(DivergedException.class, () -> training.train(form, start, seed));
        assertTrue(e.step() >= 1 && e.step() <= 3, e.getMessage());
        assertNotNull(start.graph().getVertex(e.layer()), e.getMessage());
    }

    /** One NaN in a weight, as in a damaged checkpoint. */
    @ParameterizedTest
    @MethodSource("all")
    void nanInAWeightIsRefused(Form form) {
        PretrainedModel model = training.bench().model();
        String name = "bert.encoder.layer.1.attention.self.value.weight";
        INDArray broken = model.weights().get(name).dup();
        broken.putScalar(3, Double.NaN);
        ContractBench bench = training.with(new PretrainedModel(
                model.name(),
                model.folder(),
                model.sha256(),
                model.config(),
                model.weights().with(Map.of(name, broken)),
                model.tokenizer()));
        try (TrialDirectory directory = directory("nan", form)) {
            DivergedException e =
                    assertThrows(DivergedException.class, () -> bench.run(form, bench.seed(1), directory));
            assertTrue(e.layer().matches("bert\\..*|pooling|classifier"), e.getMessage());
            assertTrue(e.step() <= 1, e.getMessage());
        }
    }
}
