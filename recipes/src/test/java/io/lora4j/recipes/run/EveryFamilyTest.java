package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.classify.Prediction;
import io.lora4j.models.classify.TextClassifier;
import io.lora4j.models.classify.TextPair;
import io.lora4j.models.export.ExportFormat;
import io.lora4j.models.tokenizer.TokenIds;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A recipe on a tiny random checkpoint of every encoder family: adapters, full fine-tuning and the head alone, by changing one line. */
class EveryFamilyTest {
    private static final Path MODELS = Path.of("../toolkit-models/src/test/resources/golden/families")
            .toAbsolutePath()
            .normalize();

    @TempDir
    private Path folder;

    private ComparisonResult run(String family, String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("family.yaml"), """
                model: {name: %s, max_length: 16}
                task: paraphrase
                data: {max_train_samples: 24, max_eval_samples: 8}
                adapter: {rank: 2, alpha: 4}
                gradient: {examples: 8, chunk: 4}
                train: {learning_rate: 5e-2, steps: 3, batch: 8, dropout: 0.1, seeds: [1]}
                methods: [lora, lora-one, full, head-only, zero-step]
                """.formatted(MODELS.resolve(family)));
        Recipe recipe = RecipeReader.read(file, List.of(overrides), folder);
        RunOptions options =
                new RunOptions(folder.resolve("home"), folder.resolve("runs"), folder.resolve("out"), Map.of());
        return ComparisonRunner.run(recipe, options, RunListener.NONE);
    }

    private static TrialResult trial(ComparisonResult result, String label) {
        return result.trials().stream()
                .filter(trial -> trial.key().method().equals(label))
                .findFirst()
                .orElseThrow();
    }

    private static double firstLoss(ComparisonResult result, String label) throws IOException {
        Path file = result.folder()
                .resolve("trials")
                .resolve(trial(result, label).key().folderName())
                .resolve("metrics.jsonl");
        return new ObjectMapper()
                .readTree(Files.readAllLines(file).get(0))
                .get("loss")
                .asDouble();
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({
        "bert,18,1890,classifier",
        "roberta,90,3658,classifier.dense classifier.out_proj",
        "xlm-roberta,90,1746,classifier.dense classifier.out_proj",
        "distilbert,90,1874,classifier pre_classifier",
        "electra,90,1762,classifier.dense classifier.out_proj"
    })
    void everyWayOfTrainingRuns(String family, int headScalars, int allScalars, String headLayers) throws IOException {
        ComparisonResult result = run(family);

        assertEquals(5, result.trials().size());
        for (TrialResult trial : result.trials()) {
            assertTrue(Double.isFinite(trial.dev().loss()), trial.toString());
        }
        // A and B of two layers: four maps 8 x 8, one 8 x 12 and one 12 x 8.
        assertEquals(
                2 * 2 * (4 * 16 + 2 * 20) + headScalars, trial(result, "lora").trainableParameters());
        assertEquals(headScalars, trial(result, "head-only").trainableParameters());
        assertEquals(allScalars, trial(result, "full").trainableParameters());
        assertEquals(firstLoss(result, "lora"), firstLoss(result, "full"), 1e-5, "same start, batches and masks");
        assertNotEquals(
                trial(result, "zero-step").dev().loss(),
                trial(result, "lora").dev().loss());
        assertAdapter(result, headLayers);
        assertUse(family, result, "lora");
        assertUse(family, result, "lora-one");
    }

    private static Path adapterOf(ComparisonResult result, String label) {
        return result.folder()
                .resolve("trials")
                .resolve(trial(result, label).key().folderName())
                .resolve("adapter");
    }

    /**
     * The adapter over its base, and what it is exported to, classify alike. What is left in {@code target/family-check} is what {@code
     * check_families.py} loads with transformers and PEFT.
     */
    private void assertUse(String family, ComparisonResult result, String label) throws IOException {
        LoadedAdapter loaded =
                LoadedAdapter.read(new ModelStore(folder.resolve("home")), null, adapterOf(result, label));
        Path exports = Files.createDirectories(Path.of("target/family-check/" + family + "-" + label));
        for (ExportFormat format : ExportFormat.values()) {
            Path target = exports.resolve(format.name());
            FileUtils.deleteQuietly(target.toFile());
            assertEquals(0, format.write(loaded, target).difference(), 1e-5, format.name());
        }
        List<TextPair> texts = List.of(new TextPair("the cat sat", "a cat sat down"), new TextPair("rain", "no rain"));
        List<Prediction> predictions = TextClassifier.of(loaded).predictAll(texts);
        List<Prediction> merged = TextClassifier.load(exports.resolve("hf")).predictAll(texts);
        ArrayNode cases = new ObjectMapper().createArrayNode();
        for (int i = 0; i < texts.size(); i++) {
            Prediction expected = predictions.get(i);
            assertEquals(expected.label(), merged.get(i).label());
            assertEquals(expected.probability(), merged.get(i).probability(), 1e-5);
            TokenIds tokens = loaded.base()
                    .tokenizer()
                    .encode(texts.get(i).first(), texts.get(i).second(), 16);
            cases.addObject()
                    .putPOJO("input_ids", tokens.ids())
                    .putPOJO("token_type_ids", tokens.typeIds())
                    .putPOJO("probabilities", expected.probabilities().values());
        }
        ObjectNode check = new ObjectMapper().createObjectNode();
        check.put("base", loaded.base().folder().toString()).set("cases", cases);
        new ObjectMapper().writeValue(exports.resolve("check.json").toFile(), check);
    }

    /** The adapter's folder names the head's modules, and has their tensors. */
    private static void assertAdapter(ComparisonResult result, String headLayers) throws IOException {
        Path adapter = adapterOf(result, "lora");
        Set<String> head = new TreeSet<>();
        int factors = 0;
        try (SafetensorsFile file = SafetensorsFile.open(adapter.resolve("adapter_model.safetensors"))) {
            for (String name : file.names()) {
                String module = name.substring("base_model.model.".length(), name.lastIndexOf('.'));
                if (name.contains(".lora_")) {
                    factors++;
                } else {
                    head.add(module);
                }
            }
        }
        assertEquals(24, factors);
        assertArrayEquals(headLayers.split(" "), head.toArray());
        JsonNode saved = new ObjectMapper()
                .readTree(adapter.resolve("adapter_config.json").toFile())
                .get("modules_to_save");
        Set<String> modules = new TreeSet<>();
        saved.forEach(module -> modules.add(module.asText()));
        head.forEach(module -> assertTrue(modules.contains(module.replaceAll("\\..*", "")), modules.toString()));
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"roberta,mean", "distilbert,first-token", "electra,mean"})
    void otherPoolingsTakeOneLinearLayer(String family, String pooling) throws IOException {
        ComparisonResult result = run(family, "model.pooling=" + pooling);
        assertEquals(18, trial(result, "head-only").trainableParameters());
        assertTrue(Double.isFinite(trial(result, "lora-one").dev().loss()));
    }

    @Test
    void targetsOfAnotherFamilyAreRefusedByName() {
        UserException error =
                Assertions.assertThrows(UserException.class, () -> run("distilbert", "adapter.targets=[query, value]"));
        String message = String.valueOf(error.getMessage());
        assertTrue(message.contains("adapter target \"query\" matches no linear layer"), message);
        assertTrue(message.contains("q_lin"), message);
    }

    /** RoBERTa keeps two rows of its 20 for padding. */
    @Test
    void theLongestTextIsWhatTheFamilyHasPositionsFor() {
        UserException error = Assertions.assertThrows(UserException.class, () -> run("roberta", "model.max_length=19"));
        assertTrue(String.valueOf(error.getMessage()).contains("has 18 positions"), error.getMessage());
    }
}
