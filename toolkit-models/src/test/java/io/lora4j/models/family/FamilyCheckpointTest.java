package io.lora4j.models.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.error.FormatException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.checkpoint.SafetensorsWriter;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Folders of every family: whole, as base models without prefix and head, with the heads of pre-training, and damaged ones. */
class FamilyCheckpointTest {
    @TempDir
    Path folder = Path.of(".");

    private Map<String, INDArray> copy(TinyFamily tiny) throws IOException {
        for (String name : List.of("config.json", "tokenizer.json")) {
            Files.copy(tiny.folder.resolve(name), folder.resolve(name));
        }
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(tiny.folder.resolve("model.safetensors"))) {
            file.names().forEach(name -> tensors.put(name, file.read(name, DataType.FLOAT)));
        }
        return tensors;
    }

    private HuggingFaceFolder open(Map<String, INDArray> tensors) {
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
        return HuggingFaceFolder.open(folder);
    }

    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void theModelStoreLoadsItAndItRuns(String name) {
        TinyFamily tiny = new TinyFamily(name);
        PretrainedModel model = new ModelStore(folder).load(tiny.folder.toString(), DataType.FLOAT);
        assertEquals(tiny.config.family(), model.config().family());
        int[] ids = model.tokenizer().encode("the cat", "on the mat", 18).ids();
        INDArray row = Nd4j.createFromArray(new int[][] {ids});
        INDArray probabilities = AdaptedModel.of(
                        EncoderGraph.classifier(model.config(), Pooling.CLS, 2, DataType.FLOAT, 1), model.weights())
                .graph()
                .outputSingle(Nd4j.onesLike(row), row, Nd4j.zerosLike(row));
        assertEquals(1, probabilities.sumNumber().doubleValue(), 1e-6);
    }

    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void aBaseModelHasNoPrefixAndNoHead(String name) throws IOException {
        TinyFamily tiny = new TinyFamily(name);
        String prefix = tiny.config.family().prefix();
        Map<String, INDArray> base = new LinkedHashMap<>();
        copy(tiny).forEach((tensor, array) -> {
            if (tensor.startsWith(prefix)) {
                base.put(tensor.substring(prefix.length()), array);
            }
        });
        FrozenWeights expected = tiny.weights(DataType.FLOAT);
        FrozenWeights actual = open(base).weights(DataType.FLOAT);
        assertEquals(base.size(), actual.names().size());
        actual.names().forEach(tensor -> assertEquals(expected.get(tensor), actual.get(tensor), tensor));
        assertTrue(actual.names().stream().allMatch(tensor -> tensor.startsWith(prefix)));
    }

    /** What the pre-trained models of the hub carry beside their encoder. */
    @ParameterizedTest
    @CsvSource({
        "bert,cls.predictions.bias",
        "bert,bert.embeddings.position_ids",
        "roberta,lm_head.dense.weight",
        "roberta,roberta.pooler.dense.weight",
        "xlm-roberta,roberta.embeddings.position_ids",
        "distilbert,vocab_transform.weight",
        "distilbert,vocab_layer_norm.bias",
        "distilbert,vocab_projector.bias",
        "electra,discriminator_predictions.dense.weight",
        "electra,generator_lm_head.bias"
    })
    void headsOfPreTrainingAreLeftOut(String name, String tensor) throws IOException {
        TinyFamily tiny = new TinyFamily(name);
        Map<String, INDArray> tensors = copy(tiny);
        tensors.put(tensor, Nd4j.ones(DataType.FLOAT, 3));
        FrozenWeights weights = open(tensors).weights(DataType.FLOAT);
        assertFalse(weights.names().contains(tensor));
        assertEquals(tiny.weights(DataType.FLOAT).names(), weights.names());
    }

    @ParameterizedTest
    @CsvSource({
        "roberta,classifier.dense.weight",
        "distilbert,pre_classifier.bias",
        "electra,electra.embeddings_project.weight",
        "distilbert,distilbert.transformer.layer.1.attention.k_lin.bias",
        "bert,bert.pooler.dense.bias"
    })
    void halfAModelIsRefused(String name, String missing) throws IOException {
        TinyFamily tiny = new TinyFamily(name);
        Map<String, INDArray> tensors = copy(tiny);
        tensors.remove(missing);
        FormatException error = assertThrows(FormatException.class, () -> open(tensors));
        String prefix = tiny.config.family().prefix();
        String canonical = missing.startsWith(prefix) ? missing.substring(prefix.length()) : missing;
        assertTrue(String.valueOf(error.getMessage()).contains("tensor '" + canonical + "' ["), error.getMessage());
        assertTrue(String.valueOf(error.getMessage()).contains("is missing"), error.getMessage());
    }

    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void tensorsOfAnotherFamilyAreRefused(String name) throws IOException {
        Map<String, INDArray> tensors = copy(new TinyFamily(name));
        tensors.put("transformer.h.0.attn.c_attn.weight", Nd4j.ones(DataType.FLOAT, 2, 2));
        FormatException error = assertThrows(FormatException.class, () -> open(tensors));
        assertTrue(
                String.valueOf(error.getMessage()).contains("'transformer.h.0.attn.c_attn.weight' is not part of"),
                error.getMessage());
    }
}
