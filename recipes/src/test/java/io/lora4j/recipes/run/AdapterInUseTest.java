package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.classify.Prediction;
import io.lora4j.models.classify.TextClassifier;
import io.lora4j.models.classify.TextPair;
import io.lora4j.models.export.ExportFormat;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Adapters that a run wrote, in use: they predict what was trained, alone and in batches, and go out into other formats. */
class AdapterInUseTest {
    private static final List<String> WORDS = List.of("good", "bad", "fine", "poor", "great", "dull");

    @TempDir
    private static Path folder;

    private static Path trials;

    @BeforeAll
    static void train() throws IOException {
        StringBuilder rows = new StringBuilder("sentence\tlabel\n");
        for (int i = 0; i < 40; i++) {
            rows.append("the film was ").append(WORDS.get(i * i % 6)).append(i * i % 2 == 0 ? "\tpos\n" : "\tneg\n");
        }
        Files.writeString(folder.resolve("rows.tsv"), rows);
        Path recipe = Files.writeString(folder.resolve("use.yaml"), """
                model: {name: %s, pooling: cls, max_length: 12}
                task: {format: tsv, train: rows.tsv, dev: rows.tsv, text: sentence, label: label, labels: [neg, pos]}
                adapter: {rank: 2, alpha: 4}
                gradient: {examples: 16}
                train: {learning_rate: 5e-3, steps: 5, batch: 16, seeds: [1]}
                methods: [lora, lora-one, {name: lora-ga, gamma: 64}]
                """.formatted(
                        Path.of("src/test/resources/tiny-bert").toAbsolutePath()));
        Recipe read = RecipeReader.read(recipe, List.of(), folder);
        RunOptions options =
                new RunOptions(folder.resolve("home"), folder.resolve("runs"), folder.resolve("out"), Map.of());
        trials = ComparisonRunner.run(read, options, RunListener.NONE).folder().resolve("trials");
    }

    private static Path adapter(String method) throws IOException {
        try (var folders = Files.list(trials)) {
            return folders.filter(f -> f.getFileName().toString().startsWith(method + "-lr"))
                    .findFirst()
                    .orElseThrow()
                    .resolve("adapter");
        }
    }

    private static LoadedAdapter loaded(String method) throws IOException {
        return LoadedAdapter.read(new ModelStore(folder.resolve("home")), null, adapter(method));
    }

    private static List<TextPair> texts() {
        List<TextPair> texts = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            texts.add(TextPair.of(("the film was " + WORDS.get(i % 6) + " ").repeat(1 + i % 4)));
        }
        return texts;
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "lora-one", "lora-ga"})
    void predictsWhatWasTrained(String method) throws IOException {
        LoadedAdapter loaded = loaded(method);
        TextClassifier classifier = TextClassifier.of(loaded);
        assertEquals(List.of("neg", "pos"), classifier.labels());
        AdaptedModel beside = loaded.adapted();
        int[] ids =
                loaded.base().tokenizer().encode("the film was great", null, 12).ids();
        INDArray one = Nd4j.createFromArray(new int[][] {ids});
        INDArray expected = beside.graph().outputSingle(false, Nd4j.onesLike(one), one, Nd4j.zerosLike(one));
        Prediction prediction = classifier.predict("the film was great");
        assertEquals(expected.getDouble(0, 1), prediction.probabilities().getOrDefault("pos", Double.NaN), 1e-6);
        assertEquals(expected.getDouble(0, 1) > 0.5 ? "pos" : "neg", prediction.label());
        assertEquals(
                1,
                prediction.probabilities().values().stream().mapToDouble(p -> p).sum(),
                1e-6);
    }

    @Test
    void aBatchGivesWhatSingleTextsGive() throws IOException {
        TextClassifier classifier = TextClassifier.load(null, adapter("lora"));
        List<Prediction> together = classifier.predictAll(texts());
        for (int i = 0; i < together.size(); i++) {
            Prediction alone = classifier.predict(texts().get(i).first());
            assertEquals(alone.probability(), together.get(i).probability(), 1e-6, "text " + i);
        }
        assertEquals(List.of(), classifier.predictAll(List.of()));
        Prediction pair = classifier.predict("the film was good", "the book was bad");
        assertFalse(pair.equals(classifier.predict("the film was good")));
        assertThrows(
                IllegalArgumentException.class,
                () -> classifier.predictAll(List.of(TextPair.of("a"), new TextPair("a", "b"))));
    }

    @Test
    void manyThreadsGetWhatOneGets() throws Exception {
        TextClassifier classifier = TextClassifier.of(loaded("lora-one"));
        List<Prediction> expected = classifier.predictAll(texts());
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<List<Prediction>>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                all.add(threads.submit(() -> classifier.predictAll(texts())));
            }
            for (Future<List<Prediction>> one : all) {
                assertEquals(expected, one.get());
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } finally {
            threads.shutdown();
        }
    }

    @ParameterizedTest
    @EnumSource(ExportFormat.class)
    void everyFormatGivesTheSameLogits(ExportFormat format) throws IOException {
        for (String method : List.of("lora", "lora-one", "lora-ga")) {
            LoadedAdapter loaded = loaded(method);
            Path target = folder.resolve(format.name() + "-" + method);
            double difference = format.write(loaded, target).difference();
            assertTrue(difference < 1e-4, format + " of " + method + ": " + difference);
            assertTrue(Files.exists(target));
            assertThrows(UserException.class, () -> format.write(loaded, target), "never over another");
            try (var left = Files.list(folder)) {
                assertTrue(left.noneMatch(f -> f.getFileName().toString().endsWith(".part")));
            }
        }
    }

    @Test
    void aMergedFolderIsAClassifierOfItsOwn() throws IOException {
        Path target = folder.resolve("merged");
        ExportFormat.hf.write(loaded("lora-ga"), target);
        List<Prediction> expected = TextClassifier.of(loaded("lora-ga")).predictAll(texts());
        List<Prediction> merged = TextClassifier.load(target).predictAll(texts());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).label(), merged.get(i).label());
            assertEquals(expected.get(i).probability(), merged.get(i).probability(), 1e-6);
        }
        assertTrue(Files.readString(target.resolve("config.json")).contains("BertForSequenceClassification"));
    }

    @Test
    void theModelFileIsRestoredByDl4jAlone() throws IOException {
        Path target = folder.resolve("model.zip");
        ExportFormat.dl4j.write(loaded("lora"), target);
        INDArray ids = Nd4j.createFromArray(new int[][] {
            loaded("lora")
                    .base()
                    .tokenizer()
                    .encode("the film was great", null, 12)
                    .ids()
        });
        INDArray output = ModelSerializer.restoreComputationGraph(target.toFile())
                .outputSingle(false, Nd4j.onesLike(ids), ids, Nd4j.zerosLike(ids));
        Prediction expected = TextClassifier.of(loaded("lora")).predict("the film was great");
        assertArrayEquals(
                expected.probabilities().values().stream().mapToDouble(p -> p).toArray(),
                output.toDoubleVector(),
                1e-6);
    }

    @Test
    void theFolderSaysWhatItIs() throws IOException {
        String card = Files.readString(adapter("lora-ga").resolve("README.md"));
        for (String said : List.of(
                "library_name: peft",
                "# lora-ga adapter of",
                "gamma 64",
                "arXiv 2407.05000",
                "TextClassifier.load(",
                "PeftModel.from_pretrained",
                "read back, its logits differ by")) {
            assertTrue(card.contains(said), said + " in:\n" + card);
        }
        String accuracy = Files.readString(adapter("lora-ga").resolveSibling("result.json"))
                .replaceAll("(?s).*\"accuracy\" : ([0-9.]+).*", "$1");
        assertTrue(card.contains(
                String.format(java.util.Locale.ROOT, "accuracy %.2f %%", 100 * Double.parseDouble(accuracy))));
    }

    @Test
    void anAdapterOfAnotherBaseIsRefused() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("other-base"));
        for (String name : List.of("adapter_config.json", "adapter_model.safetensors", "lora4j_provenance.json")) {
            Files.copy(adapter("lora").resolve(name), copy.resolve(name));
        }
        Path provenance = copy.resolve("lora4j_provenance.json");
        Files.writeString(
                provenance,
                Files.readString(provenance).replaceFirst("\"model_sha256\" : \"[0-9a-f]", "\"model_sha256\" : \"x"));
        ModelStore store = new ModelStore(folder.resolve("home"));
        UserException e = assertThrows(UserException.class, () -> LoadedAdapter.read(store, null, copy));
        assertTrue(e.getMessage().contains("checksum"), e.getMessage());
        Path none = Files.createDirectories(folder.resolve("none"));
        assertThrows(UserException.class, () -> LoadedAdapter.read(store, null, none));
    }
}
