package io.lora4j.recipes.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.recipes.comparability.Comparability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunReaderTest {
    private static final int[] LABELS = {1, 1, 1, 0, 0};
    private static final String LORA = "trials/lora-lr5.0E-4-seed1/";

    @TempDir
    private Path folder;

    private MadeRun run(String name, String... overrides) {
        return new MadeRun(folder.resolve(name), LABELS, overrides);
    }

    private MadeRun run() {
        return run("run").trial("lora", 5e-4, 1, 1, 1, 0, 0, 0).trial("lora-one", 5e-4, 2, 1, 1, 1, 0, 1);
    }

    @Test
    void readsTrialsInTheRecipesOrder() {
        RunResults run = run().trial("head-only", 0.01, 2, 1, 1, 1, 1, 1)
                .diverged("lora", 5e-4, 2)
                .read();
        assertEquals(
                List.of("head-only 2 DONE", "lora 1 DONE", "lora 2 DIVERGED", "lora-one 2 DONE"),
                run.trials().stream()
                        .map(trial -> trial.label() + " " + trial.seed() + " " + trial.status())
                        .toList());
        assertEquals(6, run.planned());
        TrialRecord lora = run.trials().get(1);
        TrialRecord.Outcome outcome = lora.outcome();
        // By hand: 4 of 5; precision 1, recall 2/3; (2*2 - 0) / sqrt(2*3*2*3)
        assertEquals(
                List.of("accuracy", "f1", "matthews"),
                List.copyOf(outcome.scores().keySet()));
        assertEquals(0.8, outcome.scores().get("accuracy"), 1e-15);
        assertEquals(0.8, outcome.scores().get("f1"), 1e-15);
        assertEquals(4 / 6.0, outcome.scores().get("matthews"), 1e-15);
        assertEquals(16384L, outcome.adapterBytes());
        assertEquals("f-lora-1", lora.fingerprint());
        assertEquals(Map.of("init", "kaiming"), lora.settings());
        assertEquals(5, lora.predictions().orElseThrow().size());
        assertEquals("training diverged at step 3", run.trials().get(2).message());
        assertNull(run.trials().get(2).outcome());
        assertEquals("0.3.21", run.provenance().libraries().get("blas.version"));
    }

    /** Three of five are 1: accuracy 3/5, F1 2*3/(2*3 + 2), entropy of (0.4, 0.6). */
    @Test
    void majorityOfAnUnfinishedRunFollowsFromTheLabelCounts() {
        RunResults run = run().read();
        assertEquals(0.6, run.majority().get("accuracy"), 1e-15);
        assertEquals(0.75, run.majority().get("f1"), 1e-15);
        assertEquals(0, run.majority().get("matthews"));
        assertEquals(-0.4 * Math.log(0.4) - 0.6 * Math.log(0.6), run.majorityLoss(), 1e-12);
        run().write("result.json", "{\"majority\": {\"examples\": 5, \"accuracy\": 0.61, \"loss\": 0.5}}");
        assertEquals(
                Map.of("accuracy", 0.61), RunReader.read(folder.resolve("run")).majority());
    }

    @Test
    void scoresOnFurtherDevSetsHaveTheirNames() throws IOException {
        MadeRun run = run();
        Path result = run.folder().resolve(LORA + "result.json");
        Files.writeString(
                result,
                Files.readString(result)
                        .replace(
                                "\"steps\"",
                                "\"dev_mismatched\": {\"examples\": 3, \"accuracy\": 0.5, \"loss\": 1}, \"steps\""));
        Map<String, Double> scores = run.read().trials().get(0).outcome().scores();
        assertEquals(List.of("accuracy", "f1", "matthews", "accuracy_mismatched"), List.copyOf(scores.keySet()));
        assertEquals(0.5, scores.get("accuracy_mismatched"));
    }

    @Test
    void theSmallFilesAreEnough() {
        RunResults run = run().without(LORA + "predictions.tsv").read();
        TrialRecord lora = run.trials().get(0);
        assertEquals(Optional.empty(), lora.predictions());
        assertEquals(List.of(), lora.steps());
        assertEquals(2, lora.outcome().evaluations().size());
        assertEquals(Optional.of(6.0), lora.outcome().secondsTo("accuracy", 0.5));
        assertEquals(Optional.of(12.0), lora.outcome().secondsTo("accuracy", 0.8));
        assertEquals(Optional.empty(), lora.outcome().secondsTo("accuracy", 0.81));
    }

    /**
     * Times by hand: steps end at 5, 7 and 12 seconds, evaluations at 8 and 15, so they take 1 and 3. Of 6 seconds of training, the last 5 - 1 = 4
     * are behind step 2: it ended after 2 of them, and with 1.5 for the start the first evaluation stands at 3.5, the second at 7.5.
     */
    @Test
    void evaluationsOfAnOlderResultComeFromItsCurvesWithoutTheirOwnSeconds() throws IOException {
        MadeRun run = run();
        Path result = run.folder().resolve(LORA + "result.json");
        String text = Files.readString(result)
                .replaceFirst("(?s),\\s*\"evaluations\": \\[.*\\]\\}", "}")
                .replace("\"init_seconds\": 2", "\"init_seconds\": 1.5")
                .replace("\"train_seconds\": 10", "\"train_seconds\": 6");
        Files.writeString(result, text);
        assertEquals(List.of(), run.read().trials().get(0).outcome().evaluations());
        String step = "{\"step\": %d, \"epoch\": 1, \"loss\": 0.%d, \"learning_rate\": 0.001, \"grad_norm\": 2}\n";
        String eval =
                "{\"eval\": \"dev\", \"step\": %d, \"accuracy\": 0.%d, \"f1\": 0.5, \"matthews\": 0, \"loss\": 0.7}\n";
        run.write(
                LORA + "metrics.jsonl",
                step.formatted(1, 9)
                        + step.formatted(2, 8)
                        + eval.formatted(2, 6)
                        + step.formatted(3, 7)
                        + eval.formatted(3, 8)
                        + eval.formatted(3, 1).replace("\"dev\"", "\"dev_mismatched\""));
        List<EvaluationPoint> without = run.read().trials().get(0).outcome().evaluations();
        assertEquals(2, without.size());
        assertNull(without.get(0).seconds());
        run.write(LORA + "timings.jsonl", """
                {"step":1,"seconds":5}
                {"step":2,"seconds":7}
                {"eval":2,"seconds":8}
                {"step":3,"seconds":12}
                {"eval":3,"seconds":15}
                {"eval":3,"seconds":16}
                """);
        TrialRecord trial = run.read().trials().get(0);
        List<EvaluationPoint> points = trial.outcome().evaluations();
        assertEquals(3.5, points.get(0).seconds(), 1e-12);
        assertEquals(7.5, points.get(1).seconds(), 1e-12);
        assertEquals(0.6, points.get(0).scores().get("accuracy"));
        assertEquals(new StepPoint(2, 0.8, 0.001, 2, 7.0), trial.steps().get(1));
        run.write(LORA + "timings.jsonl", "{\"step\":1,\"seconds\":5}\n");
        FormatException e = assertThrows(FormatException.class, run::read);
        assertTrue(
                e.getMessage().contains("timings.jsonl: has 1 lines, metrics.jsonl beside it has 6"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"accuracy\": 0.8 | \"accuracy\": 1.8 | dev: has \"accuracy\" 1.8",
                "\"status\": \"done\" | \"status\": \"odd\" | has the status \"odd\"",
                "\"seed\": 1 | \"seed\": \"one\" | has no whole number \"seed\"",
                "\"seed\": 1 | \"seed\": 7 | lora, learning rate 5.0E-4, seed 7, which is none of the trials",
                "\"label\": \"lora\" | \"label\": \"mora\" | which is none of the trials of this run's recipe",
                "\"steps\": 30 | \"steps\": -1 | has \"steps\" -1, which is below 0",
                "\"dev\": { | \"dove\": { | has no object \"dev\"",
                "{\"status\" | \"status\" | is no JSON",
            })
    void aDamagedResultIsToldWithItsPath(String from, String to, String expected) throws IOException {
        MadeRun run = run();
        Path result = run.folder().resolve(LORA + "result.json");
        String text = Files.readString(result).replaceAll("\"accuracy\": 0\\.80+\\d*", "\"accuracy\": 0.8");
        String changed =
                text.replaceFirst(java.util.regex.Pattern.quote(from), java.util.regex.Matcher.quoteReplacement(to));
        assertFalse(text.equals(changed), "nothing changed");
        Files.writeString(result, changed);
        FormatException e = assertThrows(FormatException.class, run::read);
        assertTrue(e.getMessage().startsWith(result + ": "), e.getMessage());
        assertTrue(e.getMessage().contains(expected), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    @Test
    void theSameTrialTwiceAndATrialWithoutResultAreRefused() throws IOException {
        MadeRun run = run();
        Path copy = Files.createDirectories(run.folder().resolve("trials/copy"));
        UserException none = assertThrows(UserException.class, run::read);
        assertEquals("there is no " + copy.resolve("result.json"), none.getMessage());
        Files.copy(run.folder().resolve(LORA + "result.json"), copy.resolve("result.json"));
        FormatException twice = assertThrows(FormatException.class, run::read);
        assertTrue(twice.getMessage().contains("is the result of the same trial as"), twice.getMessage());
        Files.move(copy, run.folder().resolve("trials/copy.part"));
        assertEquals(2, run.read().trials().size(), "what goes on is left out");
    }

    @Test
    void findsRunsAndTheFinalsOfStudies() throws IOException {
        run("plain");
        for (String name :
                List.of("task-mrpc/search/rung-1", "task-mrpc/search/rung-2", "task-mrpc/final", "task-cola/search")) {
            run("study/" + name);
        }
        Files.writeString(folder.resolve("study/study.yaml"), "");
        Path study = folder.resolve("study");
        Path last = study.resolve("task-mrpc/final");
        assertEquals(List.of(folder.resolve("plain"), last), RunFolders.find(List.of(folder)));
        assertEquals(List.of(last), RunFolders.find(List.of(study, last)));
        assertEquals(4, RunFolders.find(List.of(study), true).size());
        Path search = study.resolve("task-cola/search");
        assertEquals(List.of(search), RunFolders.find(List.of(search)), "named itself");
        String unfinished = assertThrows(
                        UserException.class, () -> RunFolders.find(List.of(study.resolve("task-cola"))))
                .getMessage();
        assertTrue(unfinished.contains("chosen nothing yet") && unfinished.endsWith(search.toString()), unfinished);
        assertThrows(UserException.class, () -> RunFolders.find(List.of(folder.resolve("none"))));
    }

    @Test
    void identityHoldsWhatResultsDependOn() {
        RunResults first = run("a").read();
        RunResults second = run("b", "train.micro_batch=5", "adapter.rank=2", "methods.lora.learning_rate=1e-3")
                .read();
        assertEquals(List.of(), Comparability.differences(List.of(RunIdentity.of(first), RunIdentity.of(second))));
        RunResults third = run("c", "train.epochs=2", "model.max_length=64", "methods.lora.learning_rate=[1e-3, 1e-4]")
                .provenance("dead", "ee55", "0.1.0")
                .read();
        assertEquals(
                List.of("model.max_length", "weights", "learning rates per method", "train.epochs", "commit"),
                Comparability.differences(List.of(RunIdentity.of(first), RunIdentity.of(third))).stream()
                        .map(Comparability.Difference::fact)
                        .toList());
    }

    /** The head-only baseline was not searched; lora was with two candidates, lora-one with three. */
    @Test
    void theSearchBeforeAFinalRunIsItsBudget() throws IOException {
        RunResults plain = run("a").read();
        RunResults searched = run("study/final").read();
        String candidate = "{\"status\": \"done\"}";
        Files.writeString(folder.resolve("study/choice.json"), """
                {"rule": "by f1", "methods": [
                  {"label": "head-only", "candidates": [{"status": "not tried"}]},
                  {"label": "lora", "candidates": [%1$s, %1$s]},
                  {"label": "lora-one", "candidates": [%1$s, %1$s, {"status": "diverged"}]}]}
                """.formatted(candidate));
        assertEquals(
                List.of(
                        "candidates per method {(not given)=[" + plain.folder() + "], 2 or 3=[" + searched.folder()
                                + "]}",
                        "rule of selection {(not given)=[" + plain.folder() + "], by f1=[" + searched.folder() + "]}"),
                Comparability.differences(List.of(RunIdentity.of(plain), RunIdentity.of(searched))).stream()
                        .map(difference -> difference.fact() + " " + difference.resultsByValue())
                        .toList());
        Files.writeString(folder.resolve("study/choice.json"), "[]");
        FormatException e = assertThrows(FormatException.class, () -> RunIdentity.of(searched));
        assertTrue(e.getMessage().endsWith("choice.json: is no JSON object"), e.getMessage());
    }
}
