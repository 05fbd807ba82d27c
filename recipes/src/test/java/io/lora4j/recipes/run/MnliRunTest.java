package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.datasets.GlueTask;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.models.ModelStore;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.classify.TextClassifier;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.predictions.Predictions;
import io.lora4j.recipes.predictions.PredictionsFile;
import io.lora4j.recipes.results.RunReader;
import io.lora4j.recipes.results.TrialRecord;
import io.lora4j.recipes.stats.DevMetric;
import io.lora4j.recipes.submission.GlueSubmission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped recipe of MNLI on made-up files of the official layout: matched, mismatched, and the diagnostics with labels and without. */
class MnliRunTest {
    private static final List<String> LABELS = List.of("entailment", "neutral", "contradiction");

    @TempDir
    private static Path folder;

    private static Path data;
    private static ComparisonResult result;

    @BeforeAll
    static void runAll() throws IOException {
        data = folder.resolve("glue");
        Path mnli = Files.createDirectories(data.resolve("MNLI"));
        Path ax = Files.createDirectories(data.resolve("AX"));
        Random random = new Random(3);
        Files.writeString(mnli.resolve("train.tsv"), rows(random, 30, 12, true));
        Files.writeString(mnli.resolve("dev_matched.tsv"), rows(random, 14, 16, true));
        Files.writeString(mnli.resolve("dev_mismatched.tsv"), rows(random, 17, 16, true));
        Files.writeString(mnli.resolve("test_matched.tsv"), rows(random, 5, 10, false));
        Files.writeString(mnli.resolve("test_mismatched.tsv"), rows(random, 6, 10, false));
        Files.writeString(ax.resolve("diagnostic.tsv"), """
                index\tsentence1\tsentence2
                0\tthe film was good\tthe film was bad
                1\tthe film was bad\tthe film was sad
                """);
        Files.writeString(ax.resolve("diagnostic-full.tsv"), """
                Lexical Semantics\tPredicate-Argument Structure\tLogic\tKnowledge\tDomain\tPremise\tHypothesis\tLabel
                \t\tNegation\t\tArtificial\tthe film was good\tthe film was bad\tcontradiction
                Lexical entailment\t\t\t\tNews\tthe film was bad\tthe film was sad\tneutral
                \t\t\tWorld knowledge\tReddit\tthe film was sad\tthe film was "bad\tentailment
                """);
        result = ComparisonRunner.run(recipe("methods=[lora, one-step, full]"), options("out"), RunListener.NONE);
    }

    /** Rows of so many columns, as the published files have them: the labels of five annotators stand before the last one in the dev files. */
    private static String rows(Random random, int count, int columns, boolean labelled) {
        List<String> words = List.of("good", "fine", "bad", "sad");
        List<String> header = new ArrayList<>(List.of("index", "promptID", "pairID", "genre"));
        while (header.size() < 8) {
            header.add("parse" + header.size());
        }
        header.addAll(List.of("sentence1", "sentence2"));
        for (int i = 1; labelled && header.size() < columns - 1; i++) {
            header.add("label" + i);
        }
        if (labelled) {
            header.add("gold_label");
        }
        StringBuilder text = new StringBuilder(String.join("\t", header)).append('\n');
        for (int i = 0; i < count; i++) {
            text.append(i).append("\tx".repeat(7));
            text.append("\tthe film was ").append(words.get(random.nextInt(4)));
            text.append("\tthe book was ").append(words.get(random.nextInt(4)));
            text.append("\tneutral".repeat(header.size() - (labelled ? 11 : 10)));
            text.append(labelled ? "\t" + LABELS.get(random.nextInt(3)) + "\n" : "\n");
        }
        return text.toString();
    }

    private static Recipe recipe(String... more) {
        List<String> overrides = new ArrayList<>(List.of(
                "model.name=" + Path.of("src/test/resources/tiny-bert").toAbsolutePath(),
                "model.max_length=16",
                "adapter.rank=2",
                "gradient.examples=16",
                "train.learning_rate=1e-3",
                "data.dir=" + data));
        overrides.addAll(List.of(more));
        return RecipeReader.read(Path.of("glue/mnli.yaml"), overrides);
    }

    private static RunOptions options(String output) {
        return new RunOptions(folder.resolve("home"), folder.resolve("runs"), folder.resolve(output), Map.of());
    }

    private static Path trialFolder(TrialResult trial) {
        return result.folder().resolve("trials").resolve(trial.key().folderName());
    }

    private static double[] labels(String file, int column) throws IOException {
        return Files.readAllLines(data.resolve(file)).stream()
                .skip(1)
                .mapToDouble(line -> LABELS.indexOf(line.split("\t", -1)[column]))
                .toArray();
    }

    private static TrialResult lora() {
        return result.trials().stream()
                .filter(trial -> trial.key().method().equals("lora"))
                .findFirst()
                .orElseThrow();
    }

    private static LoadedAdapter loaded() {
        return LoadedAdapter.read(
                new ModelStore(folder.resolve("home")),
                null,
                trialFolder(lora()).resolve("adapter"));
    }

    @Test
    void everyMethodIsScoredOnEverySet() throws IOException {
        assertEquals(4, result.trials().size(), "head-only too");
        Map<String, double[]> sets = Map.of(
                "predictions.tsv", labels("MNLI/dev_matched.tsv", 15),
                "predictions_mismatched.tsv", labels("MNLI/dev_mismatched.tsv", 15),
                "predictions_ax.tsv", labels("AX/diagnostic-full.tsv", 7));
        for (TrialResult trial : result.trials()) {
            assertEquals(
                    List.of("mismatched", "ax"), List.copyOf(trial.otherDevs().keySet()));
            for (Map.Entry<String, double[]> set : sets.entrySet()) {
                Predictions predictions =
                        PredictionsFile.read(trialFolder(trial).resolve(set.getKey()));
                assertArrayEquals(set.getValue(), predictions.labels(), set.getKey());
                TaskMetrics scores =
                        switch (set.getKey()) {
                            case "predictions.tsv" -> trial.dev();
                            case "predictions_ax.tsv" -> trial.otherDevs().get("ax");
                            default -> trial.otherDevs().get("mismatched");
                        };
                ClassificationMetrics metrics = (ClassificationMetrics) scores;
                assertEquals(set.getValue().length, metrics.examples());
                double[] said = predictions.predictions();
                assertEquals(DevMetric.accuracy(3).of(set.getValue(), said), metrics.accuracy(), 1e-12);
                assertEquals(DevMetric.matthews(3).of(set.getValue(), said), metrics.matthews(), 1e-12);
            }
        }
    }

    @Test
    void filesHoldAllScoresAndReadBack() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        JsonNode json =
                mapper.readTree(trialFolder(lora()).resolve("result.json").toFile());
        assertEquals(14, json.path("dev").path("examples").asInt());
        assertEquals(17, json.path("dev_mismatched").path("examples").asInt());
        assertEquals(3, json.path("dev_ax").path("examples").asInt());
        List<String> lines = Files.readAllLines(trialFolder(lora()).resolve("metrics.jsonl"));
        assertTrue(lines.get(lines.size() - 2).contains("\"eval\":\"dev_mismatched\""), lines.toString());
        JsonNode provenance =
                mapper.readTree(result.folder().resolve("provenance.json").toFile());
        JsonNode sha256 = provenance.path("data").path("sha256");
        assertTrue(sha256.has("MNLI/dev_mismatched.tsv") && sha256.has("AX/diagnostic-full.tsv"), sha256.toString());
        List<TrialResult> kept = ComparisonRunner.resume(result.folder(), options("out"), RunListener.NONE)
                .trials();
        assertEquals(
                result.trials().stream().map(TrialResult::otherDevs).toList(),
                kept.stream().map(TrialResult::otherDevs).toList());
    }

    /** Read back for tables: a curve of the matched set alone, and figures of every set. */
    @Test
    void theCurveIsThatOfTheMatchedSet() {
        TrialRecord.Outcome outcome = RunReader.read(result.folder()).trials().stream()
                .filter(trial -> trial.label().equals("lora"))
                .findFirst()
                .flatMap(trial -> Optional.ofNullable(trial.outcome()))
                .orElseThrow();
        assertEquals(14, outcome.examples());
        assertEquals(1, outcome.evaluations().size());
        assertEquals(
                lora().dev().figures().get("accuracy"),
                outcome.evaluations().get(0).scores().get("accuracy"));
        assertEquals(
                lora().otherDevs().get("mismatched").figures().get("accuracy"),
                outcome.scores().get("accuracy_mismatched"));
        assertEquals(
                lora().otherDevs().get("ax").figures().get("matthews"),
                outcome.scores().get("matthews_ax"));
    }

    @Test
    void theAdapterIsEvaluatedOnAllSets() {
        Map<String, TaskMetrics> again = AdapterEvaluation.of(loaded(), "mnli", data, folder.resolve("home"));
        assertEquals(List.of("dev", "mismatched", "ax"), List.copyOf(again.keySet()));
        assertEquals(
                lora().otherDevs().get("mismatched").figures().get("accuracy"),
                again.get("mismatched").figures().get("accuracy"));
        assertEquals(lora().dev().loss(), again.get("dev").loss(), 1e-4);
    }

    @Test
    void allThreeTestFilesAreAnswered() throws IOException {
        TextClassifier classifier = TextClassifier.of(loaded());
        Path out = folder.resolve("submission");
        List<Path> written = GlueSubmission.predict(classifier, GlueTask.MNLI, data, out);
        assertEquals(
                List.of("MNLI-m.tsv", "MNLI-mm.tsv", "AX.tsv"),
                written.stream().map(file -> file.getFileName().toString()).toList());
        List<String> ax = Files.readAllLines(out.resolve("AX.tsv"));
        assertEquals(3, ax.size());
        assertTrue(LABELS.contains(ax.get(1).substring(2)), ax.toString());
    }

    /** What settings are chosen on must not have seen any dev set. */
    @Test
    void aHeldOutPartHasNoOtherSets() {
        ComparisonResult held = ComparisonRunner.run(
                recipe("methods=[zero-step]", "data.holdout=0.2"), options("held"), RunListener.NONE);
        for (TrialResult trial : held.trials()) {
            assertTrue(trial.otherDevs().isEmpty());
            assertFalse(Files.exists(held.folder()
                    .resolve("trials")
                    .resolve(trial.key().folderName())
                    .resolve("predictions_mismatched.tsv")));
        }
    }
}
