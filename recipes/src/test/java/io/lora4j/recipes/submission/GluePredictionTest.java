package io.lora4j.recipes.submission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.datasets.DataException;
import io.lora4j.datasets.GlueTask;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.classify.TextClassifier;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.run.ComparisonRunner;
import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small classifier with CoLA's labels answers test files made up here. */
class GluePredictionTest {
    private static final List<String> WORDS = List.of("good", "bad", "fine", "poor", "great", "dull");

    @TempDir
    private static Path folder;

    private static TextClassifier classifier;

    @BeforeAll
    static void train() throws IOException {
        StringBuilder rows = new StringBuilder("sentence\tlabel\n");
        for (int i = 0; i < 60; i++) {
            rows.append("the film was ")
                    .append(WORDS.get(i % 6))
                    .append(i % 2 == 0 ? "\tacceptable\n" : "\tunacceptable\n");
        }
        Files.writeString(folder.resolve("rows.tsv"), rows);
        Path recipe = Files.writeString(folder.resolve("use.yaml"), """
                model: {name: %s, pooling: cls, max_length: 12}
                task:
                  {format: tsv, train: rows.tsv, dev: rows.tsv, text: sentence, label: label, labels: [unacceptable, acceptable]}
                adapter: {rank: 2, alpha: 4}
                train: {learning_rate: 2e-2, steps: 30, batch: 20, seeds: [1]}
                methods: [lora]
                """.formatted(
                        Path.of("src/test/resources/tiny-bert").toAbsolutePath()));
        Recipe read = RecipeReader.read(recipe, List.of(), folder);
        RunOptions options =
                new RunOptions(folder.resolve("home"), folder.resolve("runs"), folder.resolve("out"), Map.of());
        Path trials =
                ComparisonRunner.run(read, options, RunListener.NONE).folder().resolve("trials");
        try (var folders = Files.list(trials)) {
            Path adapter = folders.filter(
                            trial -> trial.getFileName().toString().startsWith("lora-lr"))
                    .findFirst()
                    .orElseThrow()
                    .resolve("adapter");
            classifier = TextClassifier.of(LoadedAdapter.read(new ModelStore(folder.resolve("home")), null, adapter));
        }
    }

    @Test
    void everyRowGetsTheWordOfItsPrediction() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data/CoLA")).getParent();
        StringBuilder test = new StringBuilder("index\tsentence\n");
        List<String> expected = new ArrayList<>(List.of("index\tprediction"));
        for (int i = 0; i < WORDS.size(); i++) {
            String text = "the film was " + WORDS.get(i);
            test.append(i).append('\t').append(text).append('\n');
            expected.add(i + "\t" + (classifier.predict(text).label().equals("acceptable") ? 1 : 0));
        }
        Files.writeString(data.resolve("CoLA/test.tsv"), test);
        Path out = folder.resolve("submission");
        List<Path> written = GlueSubmission.predict(classifier, GlueTask.COLA, data, out);
        assertEquals(List.of(out.resolve("CoLA.tsv")), written);
        assertEquals(expected, Files.readAllLines(written.get(0)));
        assertTrue(expected.stream().anyMatch(line -> line.endsWith("\t0")), "both classes are predicted");
        assertTrue(expected.stream().anyMatch(line -> line.endsWith("\t1")), "both classes are predicted");
        assertFalse(GlueSubmission.missing(out).contains("CoLA.tsv"));
        assertEquals(10, GlueSubmission.missing(out).size());
    }

    @Test
    void anotherTasksModelAndMissingFilesAreRefused() {
        Path out = folder.resolve("nothing");
        assertEquals(
                "the model's labels are unacceptable, acceptable, those of RTE are entailment, not_entailment: it was"
                        + " trained on another task",
                assertThrows(UserException.class, () -> GlueSubmission.predict(classifier, GlueTask.RTE, folder, out))
                        .getMessage());
        assertEquals(
                "the model's labels are unacceptable, acceptable, STS-B asks for scores: it was trained on another task",
                assertThrows(UserException.class, () -> GlueSubmission.predict(classifier, GlueTask.STS_B, folder, out))
                        .getMessage());
        String missing = assertThrows(
                        DataException.class, () -> GlueSubmission.predict(classifier, GlueTask.COLA, folder, out))
                .getMessage();
        assertTrue(String.valueOf(missing).contains("CoLA/test.tsv"), missing);
        assertFalse(Files.exists(out));
    }
}
