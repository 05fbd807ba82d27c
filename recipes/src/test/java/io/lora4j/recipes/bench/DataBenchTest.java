package io.lora4j.recipes.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.schema.RecipeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real data timed, on a random BERT of two layers and a made-up task. */
class DataBenchTest {
    private static final String TASK =
            "{format: tsv, train: train.tsv, dev: dev.tsv, text: sentence, label: label, labels: [neg, pos]}";
    private static final List<String> TINY = List.of(
            "model.name=" + Path.of("src/test/resources/tiny-bert").toAbsolutePath(),
            "model.max_length=12",
            "adapter.rank=2");

    @TempDir
    private Path folder;

    @BeforeEach
    void writeTask() throws IOException {
        Files.writeString(folder.resolve("train.tsv"), rows(70));
        Files.writeString(folder.resolve("dev.tsv"), rows(33));
    }

    private static String rows(int count) {
        StringBuilder text = new StringBuilder("sentence\tlabel\n");
        for (int i = 0; i < count; i++) {
            text.append("the film was ").append(i % 3 == 0 ? "good\tpos\n" : "bad\tneg\n");
        }
        return text.toString();
    }

    private DataBenchConfig config(BenchMode mode, int epochs, String... more) {
        List<String> overrides = new ArrayList<>(TINY);
        overrides.addAll(List.of(more));
        return new DataBenchConfig(
                TASK,
                folder,
                mode,
                BenchModel.MINILM_L6,
                BenchTargets.QV,
                8,
                16,
                16,
                0.1,
                epochs,
                1,
                1,
                null,
                1,
                3,
                overrides);
    }

    @Test
    void anEpochIsTheRunOfItsRecipe() throws IOException {
        Recipe recipe = config(BenchMode.LORA, 2).recipe();
        assertEquals(List.of("lora"), labels(recipe));
        assertEquals(2, recipe.adapter().rank());
        assertEquals(List.of("query", "value"), recipe.adapter().targets());
        assertEquals(0.1, recipe.train().dropout());
        assertEquals(1, recipe.train().lengthGroup());

        List<BenchResult> heard = new ArrayList<>();
        BenchResult closing = new EpochBench(config(BenchMode.LORA, 2), folder.resolve("home")).run(heard::add);
        assertEquals(3, heard.size(), "what is timed, and two epochs");
        assertEquals(70, heard.get(0).number("train"));
        assertEquals(10, heard.get(0).number("steps"));
        assertEquals(6, heard.get(0).number("mean_len"), "four words, [CLS] and [SEP]");
        for (int epoch = 1; epoch <= 2; epoch++) {
            BenchResult line = heard.get(epoch);
            assertEquals(epoch, line.number("epoch"));
            assertEquals(
                    70 / line.number("examples_per_s"), line.number("train_s"), 0.01 + 0.01 * line.number("train_s"));
            assertTrue(line.number("tokens_per_s") > line.number("examples_per_s"));
            assertTrue(line.number("dev_acc") > 0 && line.number("dev_loss") > 0);
        }
        assertTrue(closing.number(EpochClock.EPOCH_SECONDS) > 0);
        assertNull(closing.values().get("rss_growth"), "10 steps settle nothing");
        assertEquals(List.of("dev.tsv", "home", "train.tsv"), names(), "no run directory stays");
    }

    @Test
    void keysWinOverOptions() {
        Recipe.TrainChoice train = config(BenchMode.LORA, 2, "train.steps=5", "train.tokens=64")
                .recipe()
                .train();
        assertEquals(5, train.steps());
        assertEquals(64, train.tokens());
        assertEquals(0, train.batch());
    }

    @Test
    void fullFineTuningIsTimedToo() {
        assertEquals(List.of("full"), labels(config(BenchMode.FULL, 1).recipe()));
    }

    @Test
    void aPassOverTheDevSetCountsItsTokens() {
        BenchResult line;
        try (InferenceBench bench = new InferenceBench(config(BenchMode.INFER, 3), folder.resolve("home"))) {
            line = bench.run();
        }
        assertEquals(33, line.number("dev"));
        assertEquals(3, line.number("passes"));
        assertTrue(line.number("eval_s_min") <= line.number(InferenceBench.PASS_SECONDS));
        assertNotNull(line.values().get("tokens_per_s"));
    }

    @Test
    void whatDoesNotFitIsTheUsersToPutRight() {
        assertThrows(RecipeException.class, () -> config(BenchMode.LORA, 1, "train.batch=0")
                .recipe());
        assertThrows(UserException.class, () -> config(BenchMode.GRAD, 1));
        assertThrows(UserException.class, () -> config(BenchMode.LORA, 0));
    }

    private static List<String> labels(Recipe recipe) {
        return recipe.methods().stream().map(Recipe.MethodChoice::label).toList();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
