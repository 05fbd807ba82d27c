package io.lora4j.models.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraLinearLayer;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What is written is what PEFT writes, and describes W_base + s A B of the trained model.
 *
 * <p>The folders under {@code target/peft-check} are for {@code src/test/python/check_peft_adapter.py}, which loads them with PEFT
 * itself and compares its outputs with ours.
 */
@Tag("golden")
class PeftAdapterWriterTest {
    private static final String QUERY_0 = "bert.encoder.layer.0.attention.self.query";
    private static final Path PEFTS_OWN = TinyPeft.GOLDEN.resolve("tiny_bert_qv_r4");
    private static final Path FOR_PEFT = Path.of("target", "peft-check");

    @TempDir
    Path folder = Path.of("");

    private static Map<String, INDArray> read(Path folder, DataType dataType) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"))) {
            file.names().forEach(name -> tensors.put(name, file.read(name, dataType)));
        }
        return tensors;
    }

    private static void write(Path folder, TinyPeft tiny, Map<String, LoraFactors> start) {
        PeftAdapterWriter.write(
                folder, PeftAdapter.of(tiny.model, tiny.base, start), "tiny_bert_base", Map.of("method", "test"));
    }

    private static INDArray tensor(Map<String, INDArray> tensors, String name) {
        INDArray tensor = tensors.get(name);
        assertNotNull(tensor, name);
        return tensor;
    }

    /** Largest difference of two arrays. */
    private static double difference(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue();
    }

    @Test
    void peftsOwnAdapterGoesThroughTheModelUnchanged() {
        Map<String, INDArray> pefts = read(PEFTS_OWN, DataType.FLOAT);
        String prefix = "base_model.model.";
        TinyPeft tiny = new TinyPeft(4, 8, Scaling.STANDARD, TinyPeft.QUERY_VALUE, DataType.FLOAT);
        tiny.model.adapters().forEach((name, layer) -> {
            layer.loraA().assign(tensor(pefts, prefix + name + ".lora_A.weight").transpose());
            layer.loraB().assign(tensor(pefts, prefix + name + ".lora_B.weight").transpose());
        });
        INDArray head = tensor(pefts, prefix + "classifier.weight");
        tiny.model.graph().getParam("classifier_W").assign(head.transpose());
        tiny.model.graph().getParam("classifier_b").assign(tensor(pefts, prefix + "classifier.bias"));
        write(folder, tiny, Map.of());

        Map<String, INDArray> ours = read(folder, DataType.FLOAT);
        assertEquals(pefts.keySet(), ours.keySet());
        pefts.forEach((name, tensor) -> assertEquals(tensor, ours.get(name), name));

        INDArray probabilities = tiny.probabilities();
        JsonNode logits = TinyPeft.expected().get("logits");
        for (int i = 0; i < 2; i++) {
            double odds = Math.exp(
                    logits.get(i).get(0).asDouble() - logits.get(i).get(1).asDouble());
            assertEquals(odds / (1 + odds), probabilities.getDouble(i, 0), 2e-6, "PEFT's output of text " + i);
        }
    }

    @Test
    void theSettingsArePeftsOwnButForTheFullNames() {
        write(folder, new TinyPeft(4, 8, Scaling.STANDARD, TinyPeft.QUERY_VALUE, DataType.FLOAT), Map.of());
        ObjectNode ours = JsonFiles.read(folder.resolve("adapter_config.json"));
        ObjectNode pefts = JsonFiles.read(PEFTS_OWN.resolve("adapter_config.json"));
        Set<String> targets = new LinkedHashSet<>();
        ours.remove("target_modules").forEach(t -> targets.add(t.asText()));
        String query1 = QUERY_0.replace("layer.0", "layer.1");
        assertEquals(
                Set.of(QUERY_0, QUERY_0.replace("query", "value"), query1, query1.replace("query", "value")), targets);
        assertEquals("tiny_bert_base", ours.remove("base_model_name_or_path").asText());
        assertEquals(pefts.get("modules_to_save"), ours.remove("modules_to_save"));
        assertTrue(ours.get("init_lora_weights").isBoolean());
        assertEquals(16, ours.size());
        ours.fields().forEachRemaining(e -> {
            assertTrue(pefts.has(e.getKey()), e.getKey());
            assertEquals(pefts.get(e.getKey()), e.getValue(), e.getKey());
        });
        ObjectNode provenance = JsonFiles.read(folder.resolve("lora4j_provenance.json"));
        assertEquals("test", provenance.get("method").asText());
    }

    @Test
    void anAdapterOverTheUntouchedBaseKeepsItsRank() {
        TinyPeft tiny = new TinyPeft(3, 5.5, Scaling.RSLORA, TinyPeft.ALL_LINEAR, DataType.FLOAT).randomise(1);
        Path plain = FOR_PEFT.resolve("plain-rslora-all-linear");
        write(plain, tiny, Map.of());
        ObjectNode config = JsonFiles.read(plain.resolve("adapter_config.json"));
        assertEquals(3, config.get("r").asInt());
        assertEquals(5.5, config.get("lora_alpha").asDouble(), 0.0);
        assertTrue(config.get("use_rslora").asBoolean());
        assertEquals(12 * 2 + 2, read(plain, DataType.FLOAT).size());
        saveOutputs(plain, tiny);
    }

    @ParameterizedTest
    @EnumSource(Scaling.class)
    void aShiftedBaseIsExportedAsTwiceTheRankForTheUntouchedOne(Scaling scaling) {
        TinyPeft tiny = new TinyPeft(4, 6, scaling, TinyPeft.ALL_LINEAR, DataType.FLOAT).randomise(2);
        Map<String, LoraFactors> start = tiny.shiftByItsOwnAdapters();
        tiny.randomise(3);
        Path shifted = FOR_PEFT.resolve("shifted-" + scaling.name().toLowerCase(Locale.ROOT));
        write(shifted, tiny, start);
        ObjectNode config = JsonFiles.read(shifted.resolve("adapter_config.json"));
        assertEquals(8, config.get("r").asInt());
        double alpha = config.get("lora_alpha").asDouble();
        assertEquals(scaling == Scaling.RSLORA ? 6 * Math.sqrt(2) : 12, alpha, 1e-15);
        double scale = scaling == Scaling.RSLORA ? alpha / Math.sqrt(8) : alpha / 8;

        Map<String, INDArray> tensors = read(shifted, DataType.FLOAT);
        for (Map.Entry<String, LoraLinearLayer> e : tiny.model.adapters().entrySet()) {
            String name = "base_model.model." + e.getKey();
            INDArray a = tensor(tensors, name + ".lora_A.weight").transpose();
            INDArray b = tensor(tensors, name + ".lora_B.weight").transpose();
            INDArray fromFile =
                    tiny.base.get(e.getKey() + ".weight").add(a.mmul(b).mul(scale));
            LoraLinearLayer layer = e.getValue();
            INDArray update =
                    layer.loraA().mmul(layer.loraB()).mul(layer.config().scale());
            assertEquals(0, difference(fromFile, layer.weight().add(update)), 2e-6, name);
        }
        INDArray head = tensor(tensors, "base_model.model.classifier.weight");
        assertEquals(0, difference(head.transpose(), tiny.model.graph().getParam("classifier_W")), 0.0);
        INDArray bias = tensor(tensors, "base_model.model.classifier.bias");
        assertArrayEquals(new long[] {2}, bias.shape());
        saveOutputs(shifted, tiny);
    }

    private static void saveOutputs(Path folder, TinyPeft tiny) {
        ObjectNode outputs = TinyPeft.expected().deepCopy();
        outputs.retain("input_ids", "attention_mask", "token_type_ids");
        INDArray probabilities = tiny.probabilities();
        ArrayNode rows = outputs.putArray("probabilities");
        for (int i = 0; i < probabilities.rows(); i++) {
            rows.addArray().add(probabilities.getDouble(i, 0)).add(probabilities.getDouble(i, 1));
        }
        JsonFiles.write(folder.resolve("lora4j_outputs.json"), outputs);
    }

    @Test
    void aShiftedBaseWithoutItsStartIsAProgrammersFault() {
        TinyPeft tiny = new TinyPeft(2, 4, Scaling.STANDARD, TinyPeft.QUERY_VALUE, DataType.FLOAT).randomise(4);
        tiny.shiftByItsOwnAdapters();
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> PeftAdapter.of(tiny.model, tiny.base, Map.of()));
        assertTrue(String.valueOf(e.getMessage()).contains(QUERY_0), e.getMessage());
    }

    @Test
    void onlyPartsThatBelongTogetherAreAccepted() {
        LoraFactors two = new LoraFactors(Nd4j.ones(5, 2), Nd4j.ones(2, 3));
        INDArray head = Nd4j.ones(5, 2);
        assertThrows(IllegalArgumentException.class, () -> adapter(Map.of(), Map.of(), WeightForm.PLAIN));
        assertThrows(
                IllegalArgumentException.class, () -> adapter(Map.of("a", two), Map.of("b", 4.0), WeightForm.PLAIN));
        assertThrows(
                IllegalArgumentException.class, () -> adapter(Map.of("a", two), Map.of("a", 4.0), WeightForm.DORA));
        assertThrows(IllegalArgumentException.class, () -> new LoraFactors(head, head));
        assertThrows(IllegalArgumentException.class, () -> new LoraFactors(two.a(), two.b(), Nd4j.ones(4)));
        PeftAdapter adapter = adapter(Map.of("a", two), Map.of("a", 4.0), WeightForm.PLAIN);
        assertThrows(IllegalArgumentException.class, () -> adapter.relativeTo(Map.of("b", two)));
    }

    private static PeftAdapter adapter(Map<String, LoraFactors> layers, Map<String, Double> alphas, WeightForm form) {
        return new PeftAdapter(Scaling.STANDARD, 0, form, layers, alphas, Map.of(), Map.of());
    }

    /** DoRA over a base that the start shifted, with ranks and alphas of its own in some layers. */
    @Test
    void doraWithPatternsOverAShiftedBase() {
        LoraConfig config = LoraConfig.builder()
                .rank(3)
                .alpha(5)
                .scaling(Scaling.RSLORA)
                .targetModules(TinyPeft.ALL_LINEAR.toArray(String[]::new))
                .rankPattern("query", 2)
                .alphaPattern("value", 7)
                .weightForm(WeightForm.DORA)
                .build();
        TinyPeft tiny = new TinyPeft(config, DataType.FLOAT).randomise(5);
        Map<String, LoraFactors> start = tiny.shiftByItsOwnAdapters();
        tiny.randomise(6);
        Path dora = FOR_PEFT.resolve("dora-patterns-shifted");
        write(dora, tiny, start);
        ObjectNode json = JsonFiles.read(dora.resolve("adapter_config.json"));
        assertEquals(6, json.get("r").asInt());
        assertEquals(2, json.get("rank_pattern").size());
        assertEquals(2, json.get("alpha_pattern").size());
        assertTrue(json.get("use_dora").asBoolean());
        saveOutputs(dora, tiny);
        PeftAdapter again = PeftAdapterReader.read(dora, DataType.FLOAT);
        assertEquals(
                0,
                PeftModel.difference(
                        tiny.model,
                        PeftModel.of(TinyPeft.classifier(DataType.FLOAT), TinyPeft.base(DataType.FLOAT), again),
                        TinyPeft.batch()),
                1e-4);
    }

    @Test
    void aFolderThatCannotBeMadeIsAUsersMistake() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        TinyPeft tiny = new TinyPeft(2, 4, Scaling.STANDARD, TinyPeft.QUERY_VALUE, DataType.FLOAT);
        UserException e = assertThrows(UserException.class, () -> write(file.resolve("adapter"), tiny, Map.of()));
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }
}
