package io.lora4j.recipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.recipes.method.LoraGaSettings;
import io.lora4j.recipes.schema.RecipeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StudyReaderTest {
    private static final Path WRONG = Path.of("src/test/resources/wrong-studies");

    @TempDir
    private Path folder = Path.of("");

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("mine.yaml"), text);
    }

    private static final String STUDY = """
            model: all-MiniLM-L6-v2
            task: sentiment
            search:
              learning_rates: [1e-4, 3e-4, 1e-3, 3e-3]
              trials: 4
              seed: 7
            sweep:
              task: [sentiment, paraphrase]
              adapter.rank: [4, 8]
            methods:
              - zero-step
              - lora
              - {name: lora-ga, grid: {gamma: [16, 64, 256]}}
              - {name: full, grid: {learning_rate: [1e-5, 2e-5, 5e-5, 1e-4]}}
            train: {epochs: 3, seeds: [1, 2, 3]}
            """;

    private Study read(String... overrides) throws IOException {
        return StudyReader.read(write(STUDY), List.of(overrides), folder);
    }

    @Test
    void everyMethodGetsTheSameNumberOfCandidates() throws IOException {
        Combination first = read().combinations().get(0);
        assertEquals(
                List.of("head-only", "zero-step", "lora", "lora-ga", "full"),
                first.methods().stream().map(SearchedMethod::label).toList());
        for (SearchedMethod method : first.methods()) {
            boolean searched = !method.label().equals("zero-step");
            assertEquals(searched, method.searched());
            assertEquals(searched ? 4 : 1, method.candidates().size(), method.label());
        }
        assertEquals(List.of(1e-3, 4.6e-3, 2.2e-2, 0.1), rates(first, "head-only"));
        assertEquals(List.of(1e-4, 3e-4, 1e-3, 3e-3), rates(first, "lora"));
        assertEquals(List.of(1e-5, 2e-5, 5e-5, 1e-4), rates(first, "full"));
        List<Candidate> ga = candidates(first, "lora-ga");
        assertEquals(
                List.of(1e-4, 3e-4, 1e-3, 3e-3),
                ga.stream().map(Candidate::learningRate).sorted().toList());
        for (Candidate candidate : ga) {
            assertEquals(
                    Double.parseDouble(candidate.grid().get("gamma")), ((LoraGaSettings) candidate.settings()).gamma());
        }
        assertEquals(3, ga.stream().map(Candidate::gridText).distinct().count());
    }

    private static List<Candidate> candidates(Combination combination, String label) {
        return combination.methods().stream()
                .filter(method -> method.label().equals(label))
                .findFirst()
                .orElseThrow()
                .candidates();
    }

    private static List<Double> rates(Combination combination, String label) {
        return candidates(combination, label).stream()
                .map(Candidate::learningRate)
                .toList();
    }

    @Test
    void everyCombinationIsAComparisonOfItsOwn() throws IOException {
        Study study = read();
        assertFalse(study.isPlain());
        assertEquals("mine", study.name());
        assertEquals(
                List.of(
                        "task-sentiment_adapter.rank-4",
                        "task-sentiment_adapter.rank-8",
                        "task-paraphrase_adapter.rank-4",
                        "task-paraphrase_adapter.rank-8"),
                study.combinations().stream().map(Combination::name).toList());
        Combination last = study.combinations().get(3);
        assertEquals("paraphrase", last.recipe().task().name());
        assertEquals(8, last.recipe().adapter().rank());
        assertEquals(4 * 4, last.searchTrials());
        assertEquals(5 * 3, last.finalTrials());
        assertEquals(4 * (16 + 15), study.trials());
        assertEquals(8, study.comparisons());
    }

    @Test
    void overridesReachAllOfIt() throws IOException {
        Study study = read(
                "search.trials=6",
                "sweep.adapter.rank=[16]",
                "~sweep.task",
                "methods.lora.grid.ratio=[1,4]",
                "methods.full.grid.learning_rate=[1,2,3,4,5,6]",
                "search.strategy=halving");
        assertEquals(1, study.combinations().size());
        Combination only = study.combinations().get(0);
        assertEquals(16, only.recipe().adapter().rank());
        assertEquals(6, candidates(only, "lora").size());
        assertEquals(SearchChoice.Strategy.HALVING, found(only.search()).strategy());
        // 6 candidates, then 3: of one there is nothing to choose
        assertEquals(4 * (6 + 3), only.searchTrials());
    }

    private static SearchChoice found(SearchChoice search) {
        assertNotNull(search);
        return search;
    }

    @Test
    void theResolvedStudyReadsBack() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Study study = read("data.dir=data", "train.seeds=[4]", "search.holdout=0.2");
        Path other = Files.createDirectories(folder.resolve("other"));
        Path file = Files.writeString(other.resolve("study.yaml"), study.yaml());
        Study again = StudyReader.read(file, List.of());
        assertEquals(study, again);
        assertEquals(
                folder.resolve("data"),
                again.combinations().get(0).recipe().data().dir());
    }

    @Test
    void filesOfOnesOwnLieWhereTheRecipeWas() throws IOException {
        Path file = write("""
                model: all-MiniLM-L6-v2
                task: {format: tsv, train: a.tsv, dev: b.tsv, text: "0", label: 1, labels: [no, "yes"]}
                search: {learning_rates: [1e-3]}
                methods: [lora]
                """);
        Study study = StudyReader.read(file, List.of());
        Path moved = Files.createDirectories(folder.resolve("moved"));
        Study again = StudyReader.read(Files.writeString(moved.resolve("study.yaml"), study.yaml()), List.of());
        assertEquals(study.combinations(), again.combinations());
        assertEquals(folder, again.combinations().get(0).recipe().data().dir());
    }

    @Test
    void aPlainRecipeIsAStudyOfOneComparison() {
        Path file = Path.of("quickstart.yaml");
        Study study = StudyReader.read(file, List.of("train.epochs=3"));
        assertTrue(study.isPlain());
        assertEquals(
                RecipeReader.read(file, List.of("train.epochs=3")),
                study.combinations().get(0).recipe());
    }

    @Test
    void whoWantsASingleComparisonIsTold() throws IOException {
        Path file = write(STUDY);
        RecipeException e = assertThrows(RecipeException.class, () -> RecipeReader.read(file, List.of()));
        assertTrue(e.getMessage().contains("mine.yaml:3: search makes this a chain of comparisons"), e.getMessage());
        assertTrue(e.getMessage().contains("mine.yaml:7: sweep makes this a chain of comparisons"), e.getMessage());
    }

    /** Successive halving: sizes and shares of the whole budget. */
    @Test
    void roundsOfASearch() {
        assertEquals("4@1.0", rungs(4, SearchChoice.Strategy.GRID, 2));
        assertEquals("8@0.125 4@0.25 2@0.5", rungs(8, SearchChoice.Strategy.HALVING, 2));
        assertEquals("9@0.1111 3@0.3333", rungs(9, SearchChoice.Strategy.HALVING, 3));
        assertEquals("5@0.25 2@0.5", rungs(5, SearchChoice.Strategy.HALVING, 2));
        assertEquals("1@1.0", rungs(1, SearchChoice.Strategy.HALVING, 2));
        assertEquals(1, new SearchChoice.Rung(2, 0.1).steps(3));
    }

    private static String rungs(int trials, SearchChoice.Strategy strategy, int eta) {
        return new SearchChoice(List.of(1e-3), trials, 1, 0.1, strategy, eta, 0, 0)
                .rungs().stream()
                        .map(rung -> rung.candidates() + "@" + Math.round(rung.share() * 1e4) / 1e4)
                        .collect(Collectors.joining(" "));
    }

    static List<String> wrong() throws IOException {
        try (Stream<Path> files = Files.list(WRONG)) {
            return new ArrayList<>(files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .map(name -> name.substring(0, name.length() - ".yaml".length()))
                    .sorted()
                    .toList());
        }
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void tellsAllProblemsAtOnce(String name) throws IOException {
        RecipeException e =
                assertThrows(RecipeException.class, () -> StudyReader.read(WRONG.resolve(name + ".yaml"), List.of()));
        String message =
                e.getMessage().replace(WRONG.toAbsolutePath() + "/", "").replace(WRONG + "/", "");
        assertEquals(
                Files.readString(WRONG.resolve("expected/" + name + ".txt")).strip(), message);
        assertEquals(e.problems().size(), message.lines().count() - 1);
    }

    @Test
    void thereAreManyWaysToBeWrong() throws IOException {
        assertTrue(wrong().size() >= 8, () -> "wrong studies got lost");
    }
}
