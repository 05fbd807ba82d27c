package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.error.UserException;
import io.lora4j.optim.OneStepUpdate;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.predictions.Predictions;
import io.lora4j.recipes.predictions.PredictionsFile;
import io.lora4j.recipes.run.MethodForms.Trait;
import io.lora4j.recipes.stats.DevMetric;
import io.lora4j.recipes.table.ResultTable;
import io.lora4j.recipes.table.TableText;
import io.lora4j.train.StepInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One comparison of all methods in all their forms: the run directory, the table and its notes. {@link MethodContractTest} has the numbers. */
class EveryMethodTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static Path recipeFile;
    private static ComparisonResult result;

    @BeforeAll
    static void runAll() throws IOException {
        recipeFile = ContractBench.write(folder);
        result = run("out");
    }

    private static ComparisonResult run(String output, String... overrides) {
        return run(output, RunListener.NONE, overrides);
    }

    private static ComparisonResult run(String output, RunListener listener, String... overrides) {
        Recipe recipe = RecipeReader.read(recipeFile, List.of(overrides), folder);
        RunOptions options =
                new RunOptions(folder.resolve("home"), folder.resolve("runs"), folder.resolve(output), Map.of());
        return ComparisonRunner.run(recipe, options, listener);
    }

    private static TrialResult trial(String label) {
        return result.trials().stream()
                .filter(trial -> trial.key().method().equals(label))
                .findFirst()
                .orElseThrow();
    }

    private static Path trialFolder(String label) {
        return result.folder().resolve("trials").resolve(trial(label).key().folderName());
    }

    private static JsonNode json(Path file) throws IOException {
        return JSON.readTree(Files.readAllBytes(file));
    }

    @Test
    void nothingIsLeftOut() {
        assertEquals(
                MethodForms.ALL.stream().map(MethodForms.Form::label).toList(),
                result.trials().stream().map(trial -> trial.key().method()).toList());
        assertEquals(MethodForms.ALL.size() + 1, result.table().rows().size(), "and the majority class");
    }

    @Test
    void everyLossIsFinite() {
        for (TrialResult trial : result.trials()) {
            assertTrue(Double.isFinite(trial.dev().loss()), trial.toString());
            boolean zero = trial.key().method().equals("zero-step");
            Double loss = trial.finalLoss();
            assertTrue(zero ? loss == null : loss != null && Double.isFinite(loss), trial.toString());
            assertTrue(trial.peakBytes() > 100_000, trial.toString());
        }
    }

    /** Two rows of the table are two methods: none is another under a second name. */
    @Test
    void noTwoMethodsTrainAlike() throws IOException {
        Map<String, String> byMetrics = new HashMap<>();
        for (TrialResult trial : result.trials()) {
            String label = trial.key().method();
            String same = byMetrics.put(Files.readString(trialFolder(label).resolve("metrics.jsonl")), label);
            assertNull(same, same + " and " + label);
        }
    }

    /** Every method, with or without steps, leaves what its scores are scores of. */
    @Test
    void predictionsGiveTheScores() {
        for (TrialResult trial : result.trials()) {
            String label = trial.key().method();
            Predictions predictions = PredictionsFile.read(trialFolder(label).resolve(PredictionsFile.NAME));
            double[] labels = predictions.labels();
            int classes = predictions.classes();
            assertEquals(trial.dev().examples(), predictions.size(), label);
            assertEquals(
                    trial.dev().figures().get("accuracy"),
                    DevMetric.accuracy(classes).of(labels, predictions.predictions()),
                    1e-12,
                    label);
            assertEquals(
                    trial.dev().figures().get("matthews"),
                    DevMetric.matthews(classes).of(labels, predictions.predictions()),
                    1e-12,
                    label);
        }
    }

    @Test
    void sameSeedGivesTheSameMetricsToTheLastByte() throws IOException {
        ComparisonResult again = run("again");
        assertEquals(result.trials().size(), again.trials().size());
        for (TrialResult trial : result.trials()) {
            for (String name : List.of("metrics.jsonl", PredictionsFile.NAME)) {
                String file = "trials/" + trial.key().folderName() + "/" + name;
                assertArrayEquals(
                        Files.readAllBytes(result.folder().resolve(file)),
                        Files.readAllBytes(again.folder().resolve(file)),
                        file);
            }
        }
    }

    /** Methods that shift W are written as adapters of twice the rank for the untouched base. */
    @Test
    void adaptersAreExported() throws IOException {
        for (MethodForms.Form form : MethodForms.adapted()) {
            JsonNode config = json(trialFolder(form.label()).resolve("adapter/adapter_config.json"));
            assertEquals(form.is(Trait.SHIFTS_W) ? 4 : 2, config.get("r").asInt(), form.label());
            assertEquals(form.is(Trait.DORA), config.get("use_dora").asBoolean(), form.label());
        }
        for (String label : List.of("full", "zero-step", "one-step-all", "one-step-rank")) {
            assertFalse(Files.exists(trialFolder(label).resolve("adapter")), label);
        }
    }

    @Test
    void aSingleStepTellsItsSizeAndTheHeldOutLoss() throws IOException {
        for (String label : List.of("one-step-all", "one-step-targets", "one-step-rank")) {
            JsonNode json = json(trialFolder(label).resolve("result.json"));
            double size = json.at("/chosen_step/step_size").asDouble();
            assertTrue(OneStepUpdate.PUBLISHED_GRID.contains(size), label + " " + size);
            double before = json.get("final_loss").asDouble();
            double after = json.at("/chosen_step/gradient_loss").asDouble();
            assertTrue(after < before, label + ": a step down from " + before + " to " + after);
            assertFalse(json.has("learning_rate"), label);
            String heldOut = String.format(
                    java.util.Locale.ROOT, "%.4f", json.at("/dev/loss").asDouble());
            String note = result.table().notes().stream()
                    .filter(line -> line.startsWith(label + ","))
                    .findFirst()
                    .orElseThrow();
            assertTrue(note.contains("step size " + TableText.shortest(size)), note);
            assertTrue(note.contains("loss on the dev set " + heldOut), note);
            assertTrue(TableText.terminal(result.table()).contains(note));
            assertTrue(Files.readString(result.folder().resolve("table.md")).contains(note));
        }
    }

    /** Which tensors get which rate and which decay, before the first step and in the result. */
    @Test
    void theSetupIsToldBeforeTraining() throws IOException {
        Map<String, String> told = new LinkedHashMap<>();
        RunListener listener = new RunListener() {
            @Override
            public void onSetup(TrialKey trial, TrialSetup setup) {
                told.put(trial.method(), setup.describe());
            }

            @Override
            public void onStep(TrialKey trial, StepInfo step) {
                assertTrue(told.containsKey(trial.method()), "told before the first step");
            }
        };
        String methods =
                "methods=[{name: lora-plus, ratio: 4}, {name: lora-fa}, {name: dora, preconditioner: peft, optimizer: sgd}, "
                        + "{name: full, learning_rate: 1e-3}, zero-step]";
        ComparisonResult setups = run("setups", listener, "train.steps=1", methods);
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("head-only", "head (1, 32 scalars) at 0.01, decay 0.01; head (1, 2 scalars) at 0.01, no decay");
        expected.put(
                "lora-plus",
                "A (12, 416 scalars) and head (1, 32 scalars) at 2e-3, decay 0.01; B (12, 416 scalars) at 8e-3, decay 0.01;"
                        + " head (1, 2 scalars) at 8e-3, no decay");
        expected.put(
                "lora-fa",
                "A (12, 416 scalars) frozen; B (12, 416 scalars) and head (1, 32 scalars) at 2e-3, decay 0.01;"
                        + " head (1, 2 scalars) at 2e-3, no decay");
        expected.put(
                "dora",
                "A (12, 416 scalars) and B (12, 416 scalars) and head (1, 32 scalars) at 2e-3, decay 0.01;"
                        + " magnitude (12, 208 scalars) and head (1, 2 scalars) at 2e-3, no decay;"
                        + " preconditioner peft, damping 0.01");
        String full = told.remove("full");
        assertTrue(full != null && full.contains("matrices (") && full.contains("vectors ("), full);
        assertEquals(expected, told);

        JsonNode groups = json(setups.folder().resolve("trials/lora-plus-lr2e-3-seed1/result.json"))
                .get("parameter_groups");
        assertEquals(3, groups.size());
        assertEquals("AdamW", groups.get(1).get("optimizer").asText());
        assertEquals(8e-3, groups.get(1).get("learning_rate").asDouble());
        assertEquals(0.01, groups.get(1).get("weight_decay").asDouble());
        assertEquals("B", groups.get(1).at("/tensors/0/kind").asText());
        assertEquals(416, groups.get(1).at("/tensors/0/scalars").asInt());
        JsonNode ofDora = json(setups.folder().resolve("trials/dora-lr2e-3-seed1/result.json"));
        assertEquals("SGD", ofDora.at("/parameter_groups/0/optimizer").asText());
        assertEquals(0.01, ofDora.at("/settings/damping").asDouble());
        assertTrue(
                setups.table().notes().contains("preconditioner and its damping: dora peft 0.01"),
                () -> setups.table().notes().toString());
    }

    /** 24 examples of 12 different texts and no dropout: gradients of a low rank. */
    @Test
    void deadPairsAreToldWithWhatBecameOfThem() throws IOException {
        String methods = "methods=[{name: lora-ga, label: refilled}, {name: lora-ga, label: left, refill: none}, lora]";
        ComparisonResult dead = run(
                "dead", "adapter.rank=8", "gradient.examples=24", "gradient.dropout=false", "train.steps=1", methods);
        JsonNode refilled = json(dead.folder().resolve("trials/refilled-lr2e-3-seed1/result.json"));
        assertEquals(12 * 8, refilled.get("factor_pairs").asInt());
        int pairs = refilled.get("dead_pairs").asInt();
        assertTrue(pairs > 0, "dead pairs");
        String of = ", learning rate 2e-3, seed 1: " + pairs
                + " of 96 factor pairs had no direction left (singular value below" + " 1e-6 of the largest) and were ";
        assertEquals(
                List.of(
                        "refilled" + of + "refilled as plain LoRA starts, which leaves W unchanged",
                        "left" + of + "left as they are (refill: none)"),
                dead.table().notes());
    }

    @Test
    void rowsWithoutStepsHaveNoRate() {
        for (ResultTable.Row row : result.table().rows()) {
            boolean none = Set.of("majority", "zero-step", "one-step-all", "one-step-targets", "one-step-rank")
                    .contains(row.method());
            assertEquals(none, row.learningRate() == null, row.method());
        }
        assertEquals("zero-step-seed1", trial("zero-step").key().folderName());
        assertNotNull(trial("one-step-all").chosenStep());
    }

    /** LoRA-GA takes 2r singular pairs: refused before any work, with the rank that would do. */
    @Test
    void aRankThatAMethodCannotServeIsRefused() {
        UserException e =
                assertThrows(UserException.class, () -> run("refused", "adapter.rank=10", "gradient.examples=20"));
        assertTrue(e.getMessage().contains("lora-ga allows") && e.getMessage().contains("at most 8"), e.getMessage());
        assertFalse(Files.exists(folder.resolve("refused")));
    }
}
