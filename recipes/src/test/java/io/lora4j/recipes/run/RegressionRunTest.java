package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.datasets.GlueTask;
import io.lora4j.datasets.TokenCache;
import io.lora4j.error.UserException;
import io.lora4j.eval.RegressionMetrics;
import io.lora4j.models.ModelStore;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.classify.TextClassifier;
import io.lora4j.models.classify.TextPair;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.predictions.Predictions;
import io.lora4j.recipes.predictions.PredictionsFile;
import io.lora4j.recipes.results.RunReader;
import io.lora4j.recipes.stats.DevMetric;
import io.lora4j.recipes.submission.GlueSubmission;
import io.lora4j.train.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** The shipped recipe of STS-B, and a task of scores of one's own, on made-up files of the official layout and a random BERT of two layers. */
class RegressionRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEADER =
            "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2";

    @TempDir
    private static Path folder;

    private static Path data;
    private static ComparisonResult result;

    @BeforeAll
    static void runAll() throws IOException {
        data = folder.resolve("glue");
        Path stsb = Files.createDirectories(data.resolve("STS-B"));
        Random random = new Random(5);
        Files.writeString(stsb.resolve("train.tsv"), rows(random, 60, true));
        Files.writeString(stsb.resolve("dev.tsv"), rows(random, 25, true));
        Files.writeString(stsb.resolve("test.tsv"), rows(random, 12, false));
        result = ComparisonRunner.run(recipe(), options("out"), RunListener.NONE);
    }

    /** Two adjectives; each good one is worth about two points. */
    private static String rows(Random random, int count, boolean scored) {
        List<List<String>> kinds = List.of(List.of("good", "fine", "great"), List.of("bad", "dull", "sad"));
        StringBuilder text = new StringBuilder(HEADER).append(scored ? "\tscore\n" : "\n");
        for (int i = 0; i < count; i++) {
            int one = random.nextInt(2);
            int other = random.nextInt(2);
            String first = kinds.get(one).get(random.nextInt(3));
            String second = kinds.get(other).get(random.nextInt(3));
            double score = 0.2 + 2.2 * (1 - one) + 2.2 * (1 - other) + 0.1 * random.nextInt(4);
            text.append(i)
                    .append("\tmain-news\tfile\t2012\t0001\tnone\tnone\tthe film was ")
                    .append(first);
            text.append("\tthe \"book was ")
                    .append(random.nextBoolean() ? "very " : "")
                    .append(second);
            text.append(scored ? String.format(Locale.ROOT, "\t%.3f\n", score) : "\n");
        }
        return text.toString();
    }

    private static Recipe recipe(String... more) {
        List<String> overrides = new ArrayList<>(
                List.of(
                        "model.name=" + Path.of("src/test/resources/tiny-bert").toAbsolutePath(),
                        "model.max_length=16",
                        "adapter.rank=2",
                        "gradient.examples=16",
                        "data.dir=" + data,
                        "train.epochs=20",
                        "train.batch=16",
                        "train.learning_rate=1e-2",
                        "methods=[zero-step, lora, {name: lora-ga, gamma: 64}, lora-one, one-step, {name: full, learning_rate: 5e-3}]"));
        overrides.addAll(List.of(more));
        return RecipeReader.read(Path.of("glue/stsb.yaml"), overrides);
    }

    private static RunOptions options(String output) {
        return new RunOptions(folder.resolve("home"), folder.resolve("runs"), folder.resolve(output), Map.of());
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

    private static double[] devScores() throws IOException {
        return Files.readAllLines(data.resolve("STS-B/dev.tsv")).stream()
                .skip(1)
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf('\t') + 1)))
                .toArray();
    }

    private static LoadedAdapter loaded(String label) {
        Path adapter = trialFolder(label).resolve("adapter");
        return LoadedAdapter.read(new ModelStore(folder.resolve("home")), null, adapter);
    }

    private static List<TextPair> texts(String file) throws IOException {
        return Files.readAllLines(data.resolve(file)).stream()
                .skip(1)
                .map(line -> line.split("\t", -1))
                .map(cells -> new TextPair(cells[7], cells[8]))
                .toList();
    }

    @Test
    void theBaselineIsTheMean() throws IOException {
        double[] scores = devScores();
        double mean = Arrays.stream(scores).average().orElseThrow();
        double variance = Arrays.stream(scores)
                .map(score -> (score - mean) * (score - mean))
                .average()
                .orElseThrow();
        RegressionMetrics baseline = (RegressionMetrics) result.majority();
        assertEquals(0, baseline.pearson());
        assertEquals(0, baseline.spearman());
        assertEquals(variance, baseline.loss(), 1e-12);
    }

    @Test
    void everyKindOfMethodLearns() {
        double start = trial("zero-step").dev().loss();
        assertEquals(7, result.trials().size(), "head-only too");
        for (TrialResult trial : result.trials()) {
            if (!trial.key().method().equals("zero-step")) {
                assertTrue(trial.dev().loss() < start, trial + " after " + start);
            }
        }
        for (String label : List.of("lora", "lora-ga", "lora-one", "full")) {
            RegressionMetrics dev = (RegressionMetrics) trial(label).dev();
            assertTrue(dev.loss() < result.majority().loss(), label + " " + dev);
            assertTrue(dev.pearson() > 0.3, label + " " + dev);
        }
    }

    /** With the labels of the file, not with what float32 makes of them. */
    @Test
    void predictionsGiveTheScores() throws IOException {
        double[] scores = devScores();
        for (TrialResult trial : result.trials()) {
            String label = trial.key().method();
            Predictions predictions = PredictionsFile.read(trialFolder(label).resolve(PredictionsFile.NAME));
            assertEquals(0, predictions.classes());
            assertArrayEquals(scores, predictions.labels(), label);
            double[] said = predictions.predictions();
            RegressionMetrics dev = (RegressionMetrics) trial.dev();
            assertEquals(DevMetric.pearson().of(scores, said), dev.pearson(), 1e-12, label);
            assertEquals(DevMetric.spearman().of(scores, said), dev.spearman(), 1e-12, label);
            double squares = 0;
            for (int i = 0; i < scores.length; i++) {
                squares += (said[i] - scores[i]) * (said[i] - scores[i]);
            }
            assertEquals(squares / scores.length, dev.loss(), 1e-12, label);
        }
    }

    @Test
    void resultFilesNameTheFiguresAndReadBack() throws IOException {
        JsonNode dev = JSON.readTree(trialFolder("lora").resolve("result.json").toFile())
                .path("dev");
        List<String> keys = new ArrayList<>();
        dev.fieldNames().forEachRemaining(keys::add);
        assertEquals(List.of("examples", "pearson", "spearman", "loss"), keys);
        String evaluation = Files.readAllLines(trialFolder("lora").resolve("metrics.jsonl")).stream()
                .filter(line -> line.contains("\"eval\""))
                .findFirst()
                .orElseThrow();
        assertTrue(evaluation.contains("\"pearson\":") && !evaluation.contains("accuracy"), evaluation);
        RunReader.read(result.folder())
                .trials()
                .forEach(trial -> assertEquals(
                        List.of("pearson", "spearman"),
                        List.copyOf(
                                Objects.requireNonNull(trial.outcome()).scores().keySet())));
        List<TrialResult> kept = ComparisonRunner.resume(result.folder(), options("out"), RunListener.NONE)
                .trials();
        assertEquals(
                result.trials().stream().map(TrialResult::dev).toList(),
                kept.stream().map(TrialResult::dev).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "lora-ga", "lora-one"})
    void theAdapterSaysWhatWasTrained(String label) throws IOException {
        TextClassifier numbers = TextClassifier.of(loaded(label));
        double[] said = PredictionsFile.read(trialFolder(label).resolve(PredictionsFile.NAME))
                .predictions();
        assertArrayEquals(said, numbers.scoreAll(texts("STS-B/dev.tsv")), 1e-3);
        String card = Files.readString(trialFolder(label).resolve("adapter/README.md"));
        assertTrue(card.contains("{type: pearsonr, value: "), card);
        assertTrue(card.contains("{type: spearmanr, value: "), card);
        assertTrue(card.contains("num_labels=1"), card);
        assertTrue(card.contains("classifier.score(\"a text\")"), card);
        assertFalse(card.contains("accuracy"), card);
    }

    @Test
    void evaluationOfTheAdapterIsThatOfTheRun() {
        RegressionMetrics dev = (RegressionMetrics) trial("lora").dev();
        RegressionMetrics again =
                (RegressionMetrics) AdapterEvaluation.of(loaded("lora"), "STS-B", data, folder.resolve("home"))
                        .get(AdapterEvaluation.DEV);
        assertEquals(dev.examples(), again.examples());
        assertEquals(dev.pearson(), again.pearson(), 1e-4);
        assertEquals(dev.loss(), again.loss(), 1e-3);
        String message = assertThrows(
                        UserException.class,
                        () -> AdapterEvaluation.of(loaded("lora"), "sentiment", null, folder.resolve("home")))
                .getMessage();
        assertEquals(
                "the adapter says numbers, sentiment asks for negative, positive: it was trained on another task",
                message);
    }

    @Test
    void theTestSetIsAnsweredInTheOfficialForm() throws IOException {
        TextClassifier numbers = TextClassifier.of(loaded("lora"));
        Path out = folder.resolve("submission");
        List<Path> written = GlueSubmission.predict(numbers, GlueTask.STS_B, data, out);
        assertEquals(List.of(out.resolve("STS-B.tsv")), written);
        List<String> lines = Files.readAllLines(written.get(0));
        double[] said = numbers.scoreAll(texts("STS-B/test.tsv"));
        assertEquals("index\tprediction", lines.get(0));
        assertEquals(1 + said.length, lines.size());
        for (int i = 0; i < said.length; i++) {
            String[] cells = lines.get(1 + i).split("\t", -1);
            assertEquals(Integer.toString(i), cells[0]);
            assertTrue(cells[1].matches("[0-5]\\.[0-9]{3}"), cells[1]);
            assertEquals(Math.max(0, Math.min(5, said[i])), Double.parseDouble(cells[1]), 6e-4);
        }
        String message = assertThrows(
                        UserException.class, () -> GlueSubmission.predict(numbers, GlueTask.WNLI, data, out))
                .getMessage();
        assertEquals(
                "the model says numbers, those of WNLI are not_entailment, entailment: it was trained on another task",
                message);
    }

    /** Every step of the head on its own has the scores of its rows. */
    @Test
    void pooledFeaturesKeepTheScoresWithTheirRows() {
        Recipe recipe = recipe();
        Workbench bench = Workbench.of(
                recipe,
                new ModelStore(folder.resolve("home")).load(recipe.model().name(), ComparisonRunner.DTYPE),
                Workbench.readData(recipe),
                new TokenCache(folder.resolve("home/tokens")));
        PooledFeatures pooled = PooledFeatures.of(bench, RunListener.NONE);
        RandomStreams streams = new RandomStreams(1);
        List<List<Integer>> order = bench.batches(streams).order(0);
        int step = 0;
        for (List<MultiDataSet> batch : pooled.batches(bench.batches(streams)).epoch(0)) {
            INDArray scores = batch.get(0).getLabels(0);
            List<Integer> rows = order.get(step++);
            assertArrayEquals(new long[] {rows.size(), 1}, scores.shape());
            for (int i = 0; i < rows.size(); i++) {
                float score = (float) bench.train().get(rows.get(i)).target().score();
                assertEquals(score, scores.getFloat(i, 0), "row " + i + " of step " + step);
            }
        }
        assertEquals(bench.stepsPerEpoch(), step);
    }

    /** The published files, of which the training file has an odd quote. */
    @Test
    void thePublishedFilesAreTrainedOnAndAnswered() throws IOException {
        String glue = System.getenv("LORA4J_GLUE");
        assumeTrue(glue != null, "set LORA4J_GLUE to a folder with GLUE's files to run this");
        Path published = Path.of(glue);
        assumeTrue(Files.exists(published.resolve("STS-B/train.tsv")), "there is no STS-B");
        ComparisonResult real = ComparisonRunner.run(
                recipe(
                        "data.dir=" + published,
                        "train.epochs=1",
                        "data.max_train_samples=64",
                        "data.max_eval_samples=300",
                        "methods=[lora]"),
                options("real"),
                RunListener.NONE);
        for (TrialResult trial : real.trials()) {
            assertEquals(300, trial.dev().examples());
            assertTrue(trial.dev().loss() > 0 && trial.dev().loss() < 25, trial.toString());
        }
        Path written = GlueSubmission.predict(
                        TextClassifier.of(loaded("lora")), GlueTask.STS_B, published, folder.resolve("real-submission"))
                .get(0);
        assertEquals(1380, Files.readAllLines(written).size(), "1,379 rows and a header");
    }

    /** Scores need not be GLUE's: any column of numbers, in any range. */
    @Test
    void aTaskOfScoresOfOnesOwnRunsAndReadsBack() throws IOException {
        Path files = Files.createDirectories(folder.resolve("own"));
        StringBuilder rows = new StringBuilder("text,stars\n");
        for (int i = 0; i < 24; i++) {
            rows.append("the film was ").append(i % 2 == 0 ? "good" : "bad").append(i % 2 == 0 ? ",1.5\n" : ",-10\n");
        }
        Files.writeString(files.resolve("rows.csv"), rows);
        Path file = Files.writeString(files.resolve("own.yaml"), """
                model: {name: %s, pooling: mean, max_length: 8}
                task: {name: stars, format: csv, train: rows.csv, dev: rows.csv, text: text, label: stars, scores: [-10, 1.5]}
                adapter: {rank: 2, alpha: 4}
                train: {learning_rate: 5e-2, steps: 40, batch: 12, seeds: [1]}
                methods: [lora]
                """.formatted(
                        Path.of("src/test/resources/tiny-bert").toAbsolutePath()));
        Recipe recipe = RecipeReader.read(file, List.of());
        Path echo = Files.writeString(files.resolve("echo.yaml"), recipe.toYaml());
        assertEquals(recipe, RecipeReader.read(echo, List.of()));

        ComparisonResult own = ComparisonRunner.run(recipe, options("own-out"), RunListener.NONE);
        TrialResult lora = own.trials().stream()
                .filter(trial -> trial.key().method().equals("lora"))
                .findFirst()
                .orElseThrow();
        RegressionMetrics dev = (RegressionMetrics) lora.dev();
        assertTrue(dev.pearson() > 0.9, dev.toString());
        assertTrue(dev.loss() < own.majority().loss(), dev.toString());
    }

    @Test
    void oneExampleHasNoCorrelation() {
        UserException e = assertThrows(
                UserException.class,
                () -> ComparisonRunner.run(recipe("data.max_eval_samples=1"), options("one"), RunListener.NONE));
        assertTrue(e.getMessage().contains("data.max_eval_samples"), e.getMessage());
        assertFalse(Files.exists(folder.resolve("one")));
    }
}
