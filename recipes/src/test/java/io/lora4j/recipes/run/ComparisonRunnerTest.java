package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.datasets.TokenCache;
import io.lora4j.error.UserException;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.models.ModelStore;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.events.EventReader;
import io.lora4j.recipes.predictions.Predictions;
import io.lora4j.recipes.predictions.PredictionsFile;
import io.lora4j.recipes.results.RunReader;
import io.lora4j.recipes.results.TrialRecord;
import io.lora4j.recipes.stats.DevMetric;
import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.table.Comparison;
import io.lora4j.recipes.table.ComparisonText;
import io.lora4j.recipes.table.ResultTable;
import io.lora4j.recipes.table.TableText;
import io.lora4j.recipes.table.Tables;
import io.lora4j.train.StepInfo;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole comparisons on a random BERT of two layers and a made-up task. */
class ComparisonRunnerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> METHODS = List.of("lora", "lora-plus", "lora-ga", "lora-one");

    @TempDir
    private Path folder;

    private Path recipeFile;

    @BeforeEach
    void writeTask() throws IOException {
        Random random = new Random(11);
        Files.writeString(folder.resolve("train.tsv"), rows(random, 70));
        Files.writeString(folder.resolve("dev.tsv"), rows(random, 33));
        recipeFile = Files.writeString(folder.resolve("tiny.yaml"), """
                model: {name: %s, pooling: cls, max_length: 12}
                task: {format: tsv, train: train.tsv, dev: dev.tsv, text: sentence, label: label, labels: [neg, pos]}
                methods:
                  - {name: lora, learning_rate: 5e-3}
                  - {name: lora-plus, learning_rate: 2e-3, ratio: 4}
                  - {name: lora-ga, learning_rate: 5e-3, gamma: 64}
                  - {name: lora-one, learning_rate: 5e-3, gamma: 4}
                adapter: {rank: 2, alpha: 4}
                gradient: {examples: 16, chunk: 5}
                train: {epochs: 2, batch: 16, micro_batch: 7, dropout: 0.1, weight_decay: 0.01, seeds: [1]}
                eval: {batch: 10}
                """.formatted(
                        Path.of("src/test/resources/tiny-bert").toAbsolutePath()));
    }

    /** Sentences whose label is that of their adjective, turned round by "not". */
    private static String rows(Random random, int count) {
        List<String> good = List.of("good", "fine", "great", "nice");
        List<String> bad = List.of("bad", "poor", "dull", "sad");
        StringBuilder text = new StringBuilder("sentence\tlabel\n");
        for (int i = 0; i < count; i++) {
            boolean positive = random.nextBoolean();
            boolean negated = random.nextInt(4) == 0;
            String adjective = (positive == negated ? bad : good).get(random.nextInt(4));
            text.append(random.nextBoolean() ? "the " : "my ")
                    .append(List.of("film", "book", "song", "meal").get(random.nextInt(4)))
                    .append(" was ")
                    .append(negated ? "not " : "")
                    .append(random.nextBoolean() ? "very " : "")
                    .append(adjective)
                    .append(random.nextInt(3) == 0 ? " but i like it" : "")
                    .append(positive ? "\tpos\n" : "\tneg\n");
        }
        return text.toString();
    }

    private Recipe recipe(String... overrides) {
        return RecipeReader.read(recipeFile, List.of(overrides), folder);
    }

    private RunOptions options(String output) {
        return new RunOptions(
                folder.resolve("home"), folder.resolve("runs"), folder.resolve(output), Map.of("lora4j", "test"));
    }

    private ComparisonResult run(String output, String... overrides) {
        return ComparisonRunner.run(recipe(overrides), options(output), RunListener.NONE);
    }

    private static JsonNode json(Path file) throws IOException {
        return JSON.readTree(Files.readAllBytes(file));
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void comparesAllMethodsAndWritesTheRunDirectory() throws IOException {
        ComparisonResult result = run("out");
        assertEquals(
                List.of("majority", "head-only", "lora", "lora-plus", "lora-ga", "lora-one"),
                result.table().rows().stream().map(ResultTable.Row::method).toList());

        Path out = result.folder();
        List<String> expected =
                new ArrayList<>(List.of("provenance.json", "recipe.yaml", "result.json", "table.csv", "table.md"));
        for (String trial : List.of(
                "lora-lr5e-3-seed1", "lora-plus-lr2e-3-seed1", "lora-ga-lr5e-3-seed1", "lora-one-lr5e-3-seed1")) {
            for (String file : List.of(
                    "adapter/adapter_config.json",
                    "adapter/adapter_model.safetensors",
                    "init_report.json",
                    "metrics.jsonl",
                    "predictions.tsv",
                    "result.json",
                    "timings.jsonl")) {
                expected.add("trials/" + trial + "/" + file);
            }
        }
        for (String file : List.of("metrics.jsonl", "predictions.tsv", "result.json", "timings.jsonl")) {
            expected.add("trials/head-only-lr0.01-seed1/" + file);
        }
        List<String> found = files(out);
        expected.forEach(file -> assertTrue(found.contains(file), () -> file + " is missing in " + found));

        assertEquals(recipe(), RecipeReader.read(out.resolve("recipe.yaml"), List.of()));
        JsonNode provenance = json(out.resolve("provenance.json"));
        assertEquals("1.0.0-M2.1", provenance.at("/libraries/nd4j").asText());
        assertEquals(
                System.getProperty("lora4j.blas", "openblas").toUpperCase(Locale.ROOT),
                provenance.at("/libraries/blas/vendor").asText());
        assertTrue(provenance.at("/libraries/blas/threads").asInt() >= 1);
        assertEquals("test", provenance.at("/program/lora4j").asText());
        assertEquals(64, provenance.at("/model/sha256").asText().length());
        assertEquals(64, provenance.at("/data/sha256").get("train.tsv").asText().length());
        assertEquals("done", json(out.resolve("result.json")).get("status").asText());
        assertEquals(5, json(out.resolve("result.json")).get("trials").size());
    }

    @Test
    void everyRowHasItsFigures() throws IOException {
        ComparisonResult result = run("out", "train.seeds=[1, 2]", "methods.lora.learning_rate=[1e-3, 5e-3]");
        assertEquals(2 * 6, result.trials().size());
        assertEquals(1 + 1 + 5, result.table().rows().size());
        // Two layers of (4 x (16 + 16) + 2 x (16 + 24)) x rank 2, and a head of 16 x 2 + 2.
        long adapters = 2 * (4 * 32 + 2 * 40) * 2;
        for (ResultTable.Row row : result.table().rows().subList(1, 7)) {
            Spread accuracy = row.spread("accuracy");
            assertEquals(2, accuracy.count());
            assertFalse(Double.isNaN(accuracy.deviation()));
            assertTrue(accuracy.mean() > 0 && accuracy.mean() <= 1);
            assertTrue(row.cost().peakBytes() > 100_000, "peak memory");
            assertTrue(row.cost().trainSeconds() > 0);
            assertTrue(row.cost().examplesPerSecond() > 0);
            boolean headOnly = row.method().equals("head-only");
            assertEquals(34 + (headOnly ? 0 : adapters), row.trainableParameters(), row.method());
        }
        ResultTable.Row majority = result.table().rows().get(0);
        int[] counts = new int[2];
        Files.readAllLines(folder.resolve("dev.tsv")).stream()
                .skip(1)
                .forEach(line -> counts[line.endsWith("pos") ? 1 : 0]++);
        assertEquals(
                Math.max(counts[0], counts[1]) / 33.0,
                majority.spread("accuracy").mean(),
                1e-12);
        assertEquals(0, majority.spread("matthews").mean());
    }

    @Test
    void aPartOfTheTrainingSetTakesTheDevSetsPlace() {
        ComparisonResult result = run("held", "data.holdout=0.25", "train.epochs=1", "methods=[zero-step]");
        ComparisonResult whole = run("whole", "train.epochs=1", "methods=[zero-step]");
        assertTrue(result.table().caption().endsWith(" held-out examples"), result.table()::caption);
        assertTrue(whole.table().caption().endsWith(" dev examples"), whole.table()::caption);
        assertNotEquals(whole.majority().examples(), result.majority().examples());
        assertEquals(result.recipe(), RecipeReader.read(result.folder().resolve("recipe.yaml"), List.of()));
    }

    @Test
    void sameSeedGivesTheSameMetricsToTheLastByte() throws IOException {
        Path first = run("first").folder();
        Path second = run("second").folder();
        Path other = run("other", "train.seeds=2").folder();
        int compared = 0;
        for (String file : files(first)) {
            if (file.endsWith("metrics.jsonl")) {
                byte[] bytes = Files.readAllBytes(first.resolve(file));
                assertArrayEquals(bytes, Files.readAllBytes(second.resolve(file)), file);
                assertNotEquals(
                        new String(bytes, java.nio.charset.StandardCharsets.UTF_8),
                        Files.readString(other.resolve(file.replace("seed1", "seed2"))));
                assertEquals(2 * 5 + 2, Files.readAllLines(first.resolve(file)).size(), "steps and evaluations");
                compared++;
            }
        }
        assertEquals(5, compared);
    }

    /** Labels and scores show the order: evaluation sorts by length, ten at a time. */
    @Test
    void predictionsAreInFileOrderAndGiveTheScores() throws IOException {
        ComparisonResult result = run("out");
        double[] labels = Files.readAllLines(folder.resolve("dev.tsv")).stream()
                .skip(1)
                .mapToDouble(line -> line.endsWith("pos") ? 1 : 0)
                .toArray();
        ComparisonResult again = run("again", "eval.batch=33", "eval.tokens=4096");
        for (TrialResult trial : result.trials()) {
            String file = "trials/" + trial.key().folderName() + "/" + PredictionsFile.NAME;
            Predictions predictions = PredictionsFile.read(result.folder().resolve(file));
            assertArrayEquals(labels, predictions.labels(), file);
            assertEquals(
                    trial.dev().figures().get("accuracy"),
                    DevMetric.accuracy(2).of(labels, predictions.predictions()),
                    1e-12,
                    file);
            double loss = 0;
            for (int i = 0; i < labels.length; i++) {
                loss -= Math.log(predictions.scores(i)[(int) labels[i]]) / labels.length;
            }
            assertEquals(trial.dev().loss(), loss, 1e-6, file);
            // Other batches: the same probability of each single example.
            Predictions others = PredictionsFile.read(again.folder().resolve(file));
            assertEquals(predictions.labelsSha256(), others.labelsSha256());
            for (int i = 0; i < labels.length; i++) {
                assertEquals(predictions.scores(i)[1], others.scores(i)[1], 1e-5, file);
            }
        }
    }

    /** Same head, same first batch, same dropout masks, and an output that the initialiser leaves as it is: the same first loss. */
    @Test
    void methodsOfASeedStartFromTheSamePlace() throws IOException {
        Path out = run("out").folder();
        List<Double> losses = new ArrayList<>();
        for (String method : METHODS) {
            Path trial =
                    out.resolve("trials/" + method + (method.equals("lora-plus") ? "-lr2e-3-seed1" : "-lr5e-3-seed1"));
            String line = Files.readAllLines(trial.resolve("metrics.jsonl")).get(0);
            losses.add(JSON.readTree(line).get("loss").asDouble());
        }
        assertEquals(losses.get(0), losses.get(1));
        assertEquals(losses.get(0), losses.get(2), 1e-4);
        assertTrue(Math.abs(losses.get(0) - losses.get(3)) > 1e-4, "LoRA-One starts one step down: " + losses);
    }

    @Test
    void aDivergedTrialIsARowAndTheOthersGoOn() throws IOException {
        Recipe recipe = recipe("methods.lora-plus.learning_rate=1e30");
        List<FailedTrial> heard = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void onTrialFailed(FailedTrial failed) {
                heard.add(failed);
            }
        };
        ComparisonResult result = ComparisonRunner.run(recipe, options("out"), listener);
        assertEquals(heard, result.failures());
        FailedTrial failed = result.failures().get(0);
        assertEquals(FailedTrial.Status.DIVERGED, failed.status());
        assertTrue(failed.message().matches("training diverged at step [1-3] in layer \\S+: .*"), failed::message);
        assertEquals(4, result.trials().size(), "all others");
        ResultTable.Row row = result.table().rows().get(3);
        assertEquals("lora-plus", row.method());
        assertEquals(0, row.finished());
        assertEquals(1, row.diverged());
        assertTrue(result.table().notes().stream()
                .anyMatch(note -> note.startsWith("lora-plus, learning rate 1e30, seed 1: diverged")));

        Path out = folder.resolve("out");
        assertEquals(5, json(out.resolve("result.json")).get("trials").size());
        Path file = out.resolve("trials/lora-plus-lr1e30-seed1/result.json");
        assertEquals("diverged", json(file).get("status").asText());
        assertEquals(1, json(file).get("seed").asInt());
        assertTrue(Files.readString(out.resolve("table.md"))
                .contains("| lora-plus | 1e30 | - | diverged | - | - | - | - | 0 (1 diverged) | - |"));
        assertTrue(files(out).stream().noneMatch(name -> name.contains(".part")), "nothing half-written");

        // It would diverge again: it counts as finished.
        byte[] before = Files.readAllBytes(file);
        ComparisonResult again = ComparisonRunner.resume(out, options("out"), RunListener.NONE);
        assertEquals(result.failures(), again.failures());
        assertArrayEquals(before, Files.readAllBytes(file));
    }

    @Test
    void aTrialForWhichTheDiskGaveOutIsTriedAgain() throws IOException {
        Recipe recipe = recipe("methods=[{name: lora, learning_rate: 1e-3}]");
        RunListener spoiling = new RunListener() {
            @Override
            public void onSetup(TrialKey trial, TrialSetup setup) {
                if (trial.method().equals("lora")) {
                    try {
                        // A folder that is not empty cannot be replaced by the file.
                        Files.createDirectories(TrialDirectory.besideOf(folder.resolve("out"), trial)
                                .resolve(PredictionsFile.NAME)
                                .resolve("in the way"));
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }
            }
        };
        ComparisonResult result = ComparisonRunner.run(recipe, options("out"), spoiling);
        assertEquals(FailedTrial.Status.FAILED, result.failures().get(0).status());
        Path file = folder.resolve("out/trials/lora-lr1e-3-seed1/result.json");
        assertEquals("failed", json(file).get("status").asText());
        ComparisonResult again = ComparisonRunner.resume(folder.resolve("out"), options("out"), RunListener.NONE);
        assertEquals(List.of(), again.failures());
        assertEquals("done", json(file).get("status").asText());
    }

    private static List<Map<String, Spread>> scores(ComparisonResult result) {
        return result.table().rows().stream()
                .map(row -> {
                    Map<String, Spread> spreads = new LinkedHashMap<>();
                    row.cells().forEach((figure, cell) -> spreads.put(figure, cell.spread()));
                    return spreads;
                })
                .toList();
    }

    /** Whoever reads the folder later makes the same table of it, to the last letter, also without what is large. */
    @Test
    void comparingAFinishedRunGivesItsOwnTable() throws IOException {
        ComparisonResult result = run("out", "train.seeds=[1, 2]", "methods.lora-plus.learning_rate=1e30");
        Path out = result.folder();
        Comparison comparison = Comparison.of(List.of(RunReader.read(out)), Comparison.Options.DEFAULT);
        String written = Files.readString(out.resolve("table.md"));
        assertEquals(written, ComparisonText.markdown(comparison));
        assertEquals(Files.readString(out.resolve("table.csv")), ComparisonText.csv(comparison));
        assertTrue(written.contains("paired bootstrap") && written.contains("| Δ lora at 5e-3 | p |"), written);
        for (ResultTable.Row row : result.table().rows().subList(2, 6)) {
            ResultTable.Cost cost = row.cost();
            boolean diverged = row.method().equals("lora-plus");
            assertEquals(diverged, cost == null, row.method());
            if (cost != null) {
                Path adapter =
                        out.resolve("trials/" + row.method() + "-lr5e-3-seed1/adapter/adapter_model.safetensors");
                assertEquals(Files.size(adapter), cost.adapterBytes());
                assertEquals(result.table().target() == null, cost.reached() == null, "times were kept");
            }
        }
        for (String file : files(out)) {
            if (file.endsWith(".jsonl") || file.contains("/adapter/")) {
                Files.delete(out.resolve(file));
            }
        }
        assertEquals(written, TableText.markdown(Tables.of(RunReader.read(out))));
        TrialRecord.Outcome outcome = RunReader.read(out).trials().get(2).outcome();
        assertEquals(2, outcome.evaluations().size(), "one an epoch");
        assertEquals(
                outcome.initSeconds() + outcome.trainSeconds(),
                outcome.evaluations().get(1).seconds(),
                1e-9);
        assertTrue(outcome.evaluations().get(0).seconds() > outcome.initSeconds());
        assertTrue(outcome.evaluations().get(0).seconds()
                < outcome.evaluations().get(1).seconds());
    }

    /** A committed result is enough: neither adapter nor metrics; one of other settings is refused, not overwritten. */
    @Test
    void aResultWithItsFingerprintCountsAsFinished() throws IOException {
        ComparisonResult result = run("out", "methods=[{name: lora, learning_rate: 1e-3}]");
        Path copy = folder.resolve("copy");
        for (String file : files(result.folder())) {
            if (file.endsWith("result.json") || file.equals("recipe.yaml") || file.equals("provenance.json")) {
                Files.createDirectories(copy.resolve(file).getParent());
                Files.copy(result.folder().resolve(file), copy.resolve(file));
            }
        }
        List<TrialKey> begun = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void onTrialStart(TrialKey trial, int number) {
                begun.add(trial);
            }
        };
        ComparisonResult again = ComparisonRunner.resume(copy, List.of("data.dir=" + folder), options("x"), listener);
        assertEquals(List.of(), begun);
        assertEquals(scores(result), scores(again), "but for the marks, which need predictions");

        Path file = copy.resolve("trials/lora-lr1e-3-seed1/result.json");
        UserException other = assertThrows(
                UserException.class,
                () -> ComparisonRunner.resume(copy, List.of("adapter.alpha=8"), options("x"), listener));
        assertTrue(other.getMessage().contains("results of other settings"), other.getMessage());
        assertTrue(other.getMessage().contains(file.getParent().toString()), other.getMessage());
        assertTrue(Files.exists(file));
        Files.delete(file);
        ComparisonRunner.resume(copy, List.of(), options("x"), listener);
        assertEquals(List.of("lora"), begun.stream().map(TrialKey::method).toList());
    }

    @Test
    void aWarmedUpHeadAndStepsInsteadOfEpochs() throws IOException {
        ComparisonResult result = run(
                "out",
                "~train.epochs",
                "train.steps=7",
                "gradient.head_warmup_steps=6",
                "gradient.dropout=false",
                "gradient.accumulation=float64",
                "gradient.sample=first",
                "train.schedule=constant",
                "eval.each=end",
                "model.pooling=mean",
                "adapter.targets=[query, value]");
        for (TrialResult trial : result.trials()) {
            assertEquals(7, trial.steps());
        }
        Path metrics = result.folder().resolve("trials/lora-lr5e-3-seed1/metrics.jsonl");
        assertEquals(7 + 1, Files.readAllLines(metrics).size());
        JsonNode report = json(result.folder().resolve("trials/lora-one-lr5e-3-seed1/init_report.json"));
        assertEquals(16, report.get("gradient_examples").asInt());
        assertEquals(4, report.get("layers").size());
        assertTrue(report.get("layers").get(0).get("sigma1").asDouble() > 0);
    }

    /** The gradient of a seed is estimated once for all methods, the encoder's outputs once for all seeds. */
    @Test
    void sharesWhatCanBeShared() {
        List<String> phases = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void onPhase(String what) {
                phases.add(what);
            }
        };
        ComparisonRunner.run(recipe("train.seeds=[1, 2]", "train.epochs=1"), options("out"), listener);
        assertEquals(
                List.of(
                        "reading own",
                        "loading " + recipe().model().name(),
                        "encoding 103 examples",
                        "running the frozen encoder once over 103 examples",
                        "estimating the gradient on 16 examples",
                        "estimating the gradient on 16 examples"),
                phases);
    }

    /** The shipped recipe as it is, on made-up files of QNLI's layout: the real training file is not everywhere at hand. */
    @Test
    void theQnliRecipeRunsOnFilesOfItsLayoutAndNamesTheMissingOne() throws IOException {
        Path qnli = Files.createDirectories(folder.resolve("glue/QNLI"));
        StringBuilder rows = new StringBuilder("index\tquestion\tsentence\tlabel\n");
        for (int i = 0; i < 40; i++) {
            rows.append(i).append("\twas the film good ?\t\"the film was ").append(i % 2 == 0 ? "good" : "dull");
            rows.append(i % 2 == 0 ? "\tentailment\n" : "\tnot_entailment\n");
        }
        Files.writeString(qnli.resolve("dev.tsv"), rows);
        Recipe recipe = RecipeReader.read(
                Path.of("glue/qnli.yaml"),
                List.of(
                        "model.name=" + Path.of("src/test/resources/tiny-bert").toAbsolutePath(),
                        "model.max_length=16",
                        "adapter.rank=2",
                        "data.dir=" + folder.resolve("glue")));
        UserException e =
                assertThrows(UserException.class, () -> ComparisonRunner.run(recipe, options("out"), RunListener.NONE));
        assertTrue(e.getMessage().contains(qnli.resolve("train.tsv").toString()), e.getMessage());
        assertFalse(Files.exists(folder.resolve("out")));

        Files.writeString(qnli.resolve("train.tsv"), rows);
        ComparisonResult result = ComparisonRunner.run(recipe, options("out"), RunListener.NONE);
        assertEquals(6, result.table().rows().size());
        assertEquals(0.5, result.majority().figures().get("accuracy"));
    }

    @Test
    void wrongInputLeavesNoRunDirectory() throws IOException {
        Files.writeString(folder.resolve("bad.tsv"), "sentence\tlabel\nthe film\tgreat\n");
        List<List<String>> wrong = List.of(
                List.of("task.train=missing.tsv", "there is no"),
                List.of("task.train=bad.tsv", "great"),
                List.of("task=cola", "data.dir"),
                List.of("adapter.rank=17", "rank 17"),
                List.of("adapter.targets=queri", "queri"),
                List.of("model.max_length=17", "16 positions"));
        for (List<String> each : wrong) {
            String[] overrides = each.get(0).equals("task=cola")
                    ? new String[] {"task=cola"}
                    : each.get(0).startsWith("adapter.rank")
                            ? new String[] {each.get(0), "gradient.examples=64"}
                            : new String[] {each.get(0)};
            UserException e = assertThrows(UserException.class, () -> run("out", overrides), each.get(0));
            assertTrue(e.getMessage().contains(each.get(1)), e.getMessage());
            assertFalse(Files.exists(folder.resolve("out")), each.get(0));
        }
    }

    @Test
    void aListenerHearsEverythingInOrder() {
        List<String> heard = new ArrayList<>();
        RunListener listener = new RunListener() {
            @Override
            public void onDirectory(Path folder) {
                assertTrue(Files.exists(folder.resolve("recipe.yaml")));
                assertTrue(Files.exists(folder.resolve("provenance.json")));
                heard.add("directory");
            }

            @Override
            public void onPlan(RunPlan plan) {
                heard.add("plan " + plan.trials().size() + " x " + plan.stepsPerTrial());
                assertEquals(20, plan.totalSteps());
            }

            @Override
            public void onTrialStart(TrialKey trial, int number) {
                heard.add("start " + number + " " + trial.method());
            }

            @Override
            public void onStep(TrialKey trial, StepInfo step) {
                heard.add("step " + step.step());
            }

            @Override
            public void onEvaluation(TrialKey trial, long step, TaskMetrics dev) {
                heard.add("evaluation " + step);
            }

            @Override
            public void onTrialEnd(TrialResult result) {
                heard.add("end " + result.key());
            }

            @Override
            public void onEnd(ComparisonResult result) {
                heard.add("end");
            }
        };
        ComparisonRunner.run(recipe("methods=[{name: lora, learning_rate: 1e-3}]"), options("out"), listener);
        List<String> steps = List.of(
                "step 1",
                "step 2",
                "step 3",
                "step 4",
                "step 5",
                "evaluation 5",
                "step 6",
                "step 7",
                "step 8",
                "step 9",
                "step 10",
                "evaluation 10");
        List<String> expected = new ArrayList<>(List.of("directory", "plan 2 x 10", "start 1 head-only"));
        expected.addAll(steps);
        expected.addAll(List.of("end head-only, learning rate 0.01, seed 1", "start 2 lora"));
        expected.addAll(steps);
        expected.addAll(List.of("end lora, learning rate 1e-3, seed 1", "end"));
        assertEquals(expected, heard);
    }

    /** Every line of metrics.jsonl is an event of the same numbers, also of a trial without steps or with a pause; both listeners hear. */
    @Test
    void tensorBoardSeesWhatTheMetricsSay() throws IOException {
        List<String> heard = new ArrayList<>();
        RunListener counting = new RunListener() {
            @Override
            public void onTrialEnd(TrialResult result) {
                heard.add(result.key().method());
            }
        };
        Recipe recipe = recipe("methods=[{name: lora, learning_rate: 1e-3}, {name: zero-step}]");
        int[] asked = {0};
        RunOptions stopping = new RunOptions(
                folder.resolve("home"),
                folder.resolve("runs"),
                folder.resolve("out"),
                Map.of(),
                () -> asked[0]++ >= 14);
        assertThrows(
                RunInterruptedException.class,
                () -> ComparisonRunner.run(
                        recipe, stopping, new RunListeners(List.of(counting, new TensorBoardListener()))));
        ComparisonResult result = ComparisonRunner.resume(
                folder.resolve("out"), options("out"), new RunListeners(List.of(counting, new TensorBoardListener())));
        assertEquals(List.of("head-only", "lora", "zero-step"), heard);
        for (TrialResult trial : result.trials()) {
            Path trialFolder =
                    result.folder().resolve("trials").resolve(trial.key().folderName());
            List<EventReader.Event> events = EventReader.readFolder(trialFolder);
            List<String> lines = Files.readAllLines(trialFolder.resolve("metrics.jsonl"));
            assertEquals(lines.size(), events.size());
            for (int i = 0; i < lines.size(); i++) {
                JsonNode line = JSON.readTree(lines.get(i));
                EventReader.Event event = events.get(i);
                assertEquals(line.get("step").asLong(), event.step());
                assertEquals(line.has("eval") ? 4 : 3, event.scalars().size());
                event.scalars().forEach((tag, value) -> {
                    String[] parts = tag.split("/", -1);
                    assertEquals(line.has("eval") ? "dev" : "train", parts[0]);
                    assertEquals((float) line.get(parts[1]).asDouble(), value, tag);
                });
            }
        }
    }

    /** A method of RunListener that is added later must be passed on too. */
    @Test
    void severalListenersHearEverything() throws ReflectiveOperationException {
        for (Method method : RunListener.class.getMethods()) {
            assertEquals(
                    RunListeners.class,
                    RunListeners.class
                            .getMethod(method.getName(), method.getParameterTypes())
                            .getDeclaringClass(),
                    method.getName());
        }
    }

    @Test
    void aStepMayBeAnAmountOfTokens() throws IOException {
        Recipe byTokens = recipe("train.tokens=60", "methods=[{name: lora, learning_rate: 5e-3}]");
        assertEquals(
                0, byTokens.train().batch(), "tokens on the command line replace the file's batch and micro-batch");
        ComparisonResult result = ComparisonRunner.run(byTokens, options("tokens"), RunListener.NONE);
        assertEquals(byTokens, RecipeReader.read(result.folder().resolve("recipe.yaml"), List.of()));
        assertTrue(
                result.table().caption().contains("2 epochs of 60 tokens"),
                result.table().caption());
        Path metrics = result.folder().resolve("trials/lora-lr5e-3-seed1/metrics.jsonl");
        long steps = Files.readAllLines(metrics).stream()
                .filter(line -> line.startsWith("{\"step\""))
                .count();
        Workbench bench = bench(byTokens);
        assertEquals(2 * ((Workbench.tokens(bench.train()) - 1) / 60 + 1), steps);
        assertEquals(
                Files.readString(metrics),
                Files.readString(ComparisonRunner.run(byTokens, options("again"), RunListener.NONE)
                        .folder()
                        .resolve("trials/lora-lr5e-3-seed1/metrics.jsonl")));
    }

    private Workbench bench(Recipe recipe) {
        return Workbench.of(
                recipe,
                new ModelStore(folder.resolve("home")).load(recipe.model().name(), ComparisonRunner.DTYPE),
                Workbench.readData(recipe),
                new TokenCache(folder.resolve("home/tokens")));
    }

    /** What is evaluated together with an example changes nothing but rounding. */
    @Test
    void batchesOfTheEvaluationChangeNoScore() {
        TaskMetrics single;
        try (DevPass pass = DevPass.of(recipe("eval.batch=1"), folder.resolve("home"))) {
            single = pass.run();
        }
        for (String tokens : List.of("1", "9", "20", "100", "4096")) {
            try (DevPass pass = DevPass.of(recipe("~eval.batch", "eval.tokens=" + tokens), folder.resolve("home"))) {
                TaskMetrics filled = pass.run();
                assertEquals(single.figures().get("accuracy"), filled.figures().get("accuracy"));
                assertEquals(single.figures().get("matthews"), filled.figures().get("matthews"));
                assertEquals(single.loss(), filled.loss(), 1e-6);
                if (tokens.equals("1")) {
                    assertEquals(33, pass.batches());
                } else if (tokens.equals("4096")) {
                    assertEquals(1, pass.batches());
                }
            }
        }
    }
}
