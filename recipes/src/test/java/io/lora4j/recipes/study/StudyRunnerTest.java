package io.lora4j.recipes.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.error.UserException;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.Study;
import io.lora4j.recipes.run.RunInterruptedException;
import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.TrialKey;
import io.lora4j.recipes.run.TrialResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches and sweeps on a random BERT of two layers and a made-up task. */
class StudyRunnerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder = Path.of("");

    private static StudyResult whole = new StudyResult(new Study("", List.of(), ""), Path.of(""), List.of());

    @BeforeAll
    static void undisturbed() throws IOException {
        TinyStudy.write(folder);
        whole = run("whole");
    }

    private static StudyResult run(String output, String... overrides) {
        return StudyRunner.run(
                TinyStudy.read(folder, overrides),
                TinyStudy.options(folder, output, () -> false),
                StudyListener.NONE,
                RunListener.NONE);
    }

    /** Trials that begin, by their folder. */
    private static final class Begun implements RunListener, StudyListener {
        final List<String> begun = new ArrayList<>();
        final Set<String> finished = new HashSet<>();
        private String comparison = "";

        @Override
        public void onComparison(String name, int number, int of) {
            comparison = name;
        }

        @Override
        public void onTrialStart(TrialKey trial, int number) {
            begun.add(comparison + "/" + trial.folderName());
        }

        @Override
        public void onTrialEnd(TrialResult result) {
            finished.add(comparison + "/" + result.key().folderName());
        }
    }

    private static void assertSame(StudyResult result) {
        assertEquals(whole.parts().size(), result.parts().size());
        for (int i = 0; i < whole.parts().size(); i++) {
            StudyResult.Part expected = whole.parts().get(i);
            StudyResult.Part actual = result.parts().get(i);
            assertEquals(expected.choice(), actual.choice());
            assertEquals(
                    expected.result().trials().stream().map(TrialResult::key).toList(),
                    actual.result().trials().stream().map(TrialResult::key).toList());
            assertEquals(
                    expected.result().trials().stream().map(TrialResult::dev).toList(),
                    actual.result().trials().stream().map(TrialResult::dev).toList());
        }
    }

    private static JsonNode json(Path file) throws IOException {
        return JSON.readTree(Files.readAllBytes(file));
    }

    private static List<String> trials(Path runDirectory) throws IOException {
        try (Stream<Path> trials = Files.list(runDirectory.resolve("trials"))) {
            return trials.map(trial -> trial.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void choosesOnTheHeldOutPartAndReportsTheDevSet() throws IOException {
        Path part = whole.folder().resolve("adapter.rank-2");
        // every method that takes a rate has two trials with the search's seed
        List<String> tried = trials(part.resolve("search"));
        assertEquals(6, tried.size(), tried::toString);
        assertTrue(tried.stream().allMatch(name -> name.endsWith("-seed5")), tried::toString);
        assertTrue(tried.containsAll(List.of("lora-lr0.01-seed5", "lora-lr1e-3-seed5")), tried::toString);
        assertEquals(
                2,
                tried.stream().filter(name -> name.startsWith("lora-ga-gamma-")).count());
        Recipe search = RecipeReader.read(part.resolve("search/recipe.yaml"), List.of());
        assertEquals(0.25, search.data().holdout());

        JsonNode choice = json(part.resolve("choice.json"));
        assertEquals("accuracy", choice.path("metric").asText());
        int checked = 0;
        for (JsonNode method : choice.path("methods")) {
            JsonNode chosen = method.path("chosen");
            if (method.path("label").asText().equals("zero-step")) {
                assertEquals("not tried", chosen.path("status").asText());
                continue;
            }
            assertEquals(2, method.path("candidates").size());
            for (JsonNode candidate : method.path("candidates")) {
                JsonNode dev = json(part.resolve(candidate.path("trial").asText())
                                .resolve("result.json"))
                        .path("dev");
                assertEquals(
                        dev.path("accuracy").asDouble(), candidate.path("score").asDouble());
                assertEquals(dev.path("loss").asDouble(), candidate.path("loss").asDouble());
                assertEquals(16, dev.path("examples").asInt(), "a quarter of 64");
                assertFalse(candidate.path("score").asDouble()
                                > chosen.path("score").asDouble()
                        || (candidate.path("score").asDouble()
                                        == chosen.path("score").asDouble()
                                && candidate.path("loss").asDouble()
                                        < chosen.path("loss").asDouble()));
                checked++;
            }
        }
        assertEquals(6, checked);

        Recipe reported = RecipeReader.read(part.resolve("final/recipe.yaml"), List.of());
        assertEquals(0, reported.data().holdout());
        assertEquals(List.of(1L, 2L), reported.train().seeds());
        assertEquals(2, reported.adapter().rank());
        assertEquals(
                List.of("head-only", "zero-step", "lora", "lora-ga"),
                reported.methods().stream().map(Recipe.MethodChoice::label).toList());
        Choice made = assertPresent(whole.parts().get(1).choice());
        for (Choice.Chosen method : made.methods()) {
            Recipe.MethodChoice used = reported.methods().stream()
                    .filter(each -> each.label().equals(method.label()))
                    .findFirst()
                    .orElseThrow();
            assertEquals(List.of(method.best().candidate().learningRate()), used.learningRates());
            assertEquals(method.best().candidate().settings(), used.settings());
        }
        assertEquals(8, trials(part.resolve("final")).size());
    }

    private static Choice assertPresent(Choice choice) {
        assertNotNull(choice);
        return choice;
    }

    @Test
    void oneTableOverAllCombinations() throws IOException {
        String markdown = Files.readString(whole.folder().resolve("table.md"));
        assertTrue(markdown.contains("## adapter.rank 1\n") && markdown.contains("## adapter.rank 2\n"), markdown);
        assertTrue(markdown.contains("chosen by grid: the highest accuracy on 0.25 of the training set"), markdown);
        List<String> csv = Files.readAllLines(whole.folder().resolve("table.csv"));
        assertTrue(csv.get(0).startsWith("adapter.rank,method,"), csv::toString);
        assertEquals(1 + 2 * 5, csv.size());
        assertTrue(csv.get(1).startsWith("1,majority,"), csv::toString);
        assertTrue(csv.get(10).startsWith("2,lora-ga,"), csv::toString);
    }

    @Test
    void stoppedAgainAndAgainItComesToTheSame() {
        int[] asked = {0};
        int most = 40;
        Begun begun = new Begun();
        StudyResult result = null;
        Path out = folder.resolve("stopped");
        for (int stops = 0; result == null; stops++) {
            assertTrue(stops < 50, "it never ends");
            asked[0] = 0;
            Set<String> before = Set.copyOf(begun.finished);
            begun.begun.clear();
            try {
                result = stops == 0
                        ? StudyRunner.run(
                                TinyStudy.read(folder),
                                TinyStudy.options(folder, "stopped", () -> asked[0]++ >= most),
                                begun,
                                begun)
                        : StudyRunner.resume(
                                out, List.of(), TinyStudy.options(folder, "x", () -> asked[0]++ >= most), begun, begun);
            } catch (RunInterruptedException stopped) {
                assertEquals(out, stopped.folder());
            }
            begun.begun.forEach(trial -> assertFalse(before.contains(trial), () -> trial + " is run twice"));
        }
        assertSame(result);
    }

    /** Recipe, provenance and results are enough; what is not there is computed again. */
    @Test
    void goesOnFromCommittedResults() throws IOException {
        Path copy = folder.resolve("copy");
        try (Stream<Path> files = Files.walk(whole.folder())) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                boolean trial = file.getParent().getParent().endsWith("trials");
                if (List.of("study.yaml", "recipe.yaml", "provenance.json").contains(name)
                        || (trial && name.equals("result.json"))) {
                    Path target = copy.resolve(whole.folder().relativize(file));
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                }
            }
        }
        Path gone = copy.resolve("adapter.rank-1/final/trials/lora-ga-lr0.01-seed2/result.json");
        Path other = copy.resolve("adapter.rank-1/final/trials/lora-ga-lr1e-3-seed2/result.json");
        Files.delete(Files.exists(gone) ? gone : other);
        Begun begun = new Begun();
        StudyResult result = StudyRunner.resume(
                copy, List.of("data.dir=" + folder), TinyStudy.options(folder, "x", () -> false), begun, begun);
        assertEquals(1, begun.begun.size(), begun.begun::toString);
        assertSame(result);
        assertTrue(Files.exists(copy.resolve("adapter.rank-2/choice.json")));

        // A choice of another search is not taken for this one's.
        Path study = copy.resolve("study.yaml");
        Files.writeString(study, Files.readString(study).replace("seed: 5", "seed: 6"));
        UserException e = assertThrows(
                UserException.class,
                () -> StudyRunner.resume(
                        copy,
                        List.of(),
                        TinyStudy.options(folder, "x", () -> false),
                        StudyListener.NONE,
                        RunListener.NONE));
        assertTrue(e.getMessage().contains("is the choice of another search"), e.getMessage());
    }

    @Test
    void aDivergedCandidateLoses() throws IOException {
        StudyResult result = run("diverged", "~sweep", "search.learning_rates=[1e-3,1e30]", "methods=[lora]");
        assertEquals(List.of(), result.failures());
        Choice choice = assertPresent(result.parts().get(0).choice());
        Choice.Chosen lora = choice.methods().get(1);
        assertEquals(1e-3, lora.best().candidate().learningRate());
        assertEquals("diverged", lora.candidates().get(1).status());
        assertTrue(Files.exists(result.folder().resolve("search/recipe.yaml")), "no folder for a combination");
        assertTrue(Files.exists(result.folder().resolve("final/table.md")));
    }

    @Test
    void halvingGivesLongerTrialsToTheBest() throws IOException {
        StudyResult result = run(
                "halving",
                "~sweep",
                "methods=[lora]",
                "search.learning_rates=[1e-4,1e-3,1e-2,2e-2]",
                "search.trials=4",
                "search.strategy=halving",
                "search.steps=12",
                "search.eta=2");
        Choice choice = assertPresent(result.parts().get(0).choice());
        for (int rung = 1; rung <= 2; rung++) {
            Path run = result.folder().resolve("search/rung-" + rung);
            Recipe recipe = RecipeReader.read(run.resolve("recipe.yaml"), List.of());
            assertEquals(3L * rung, recipe.train().steps());
            assertEquals(rung == 1 ? 8 : 4, trials(run).size(), "head-only and lora");
        }
        for (Choice.Chosen method : choice.methods()) {
            assertEquals(
                    List.of(2, 2, 1, 1),
                    method.candidates().stream().map(Choice.Scored::rung).toList());
            double kept = 0;
            double dropped = 1;
            for (Choice.Scored candidate : method.candidates()) {
                // by their scores in the first round
                double score = json(result.folder()
                                .resolve("search/rung-1/trials")
                                .resolve(new TrialKey(
                                                method.label(),
                                                candidate.candidate().learningRate(),
                                                5)
                                        .folderName())
                                .resolve("result.json"))
                        .at("/dev/accuracy")
                        .asDouble();
                kept = candidate.rung() == 2 ? Math.max(kept, score) : kept;
                dropped = candidate.rung() == 1 ? Math.min(dropped, score) : dropped;
            }
            assertTrue(kept >= dropped, method.label());
        }
    }

    @Test
    void aMistakeLeavesNothingBehind() {
        Path out = folder.resolve("mistake");
        UserException e = assertThrows(UserException.class, () -> run("mistake", "task.train=nothing.tsv"));
        assertTrue(e.getMessage().contains("nothing.tsv"), e.getMessage());
        assertFalse(Files.exists(out), "left behind");
    }
}
