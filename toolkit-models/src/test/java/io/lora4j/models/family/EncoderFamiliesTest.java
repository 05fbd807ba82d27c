package io.lora4j.models.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderFamily;
import io.lora4j.models.encoder.HiddenActivation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class EncoderFamiliesTest {
    @TempDir
    Path folder = Path.of(".");

    /** The tiny model's configuration with one key changed; an empty value removes the key. */
    private EncoderConfig read(String name, String key, String value) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        Path source = new TinyFamily(name).folder.resolve("config.json");
        ObjectNode json = (ObjectNode) mapper.readTree(source.toFile());
        if (value.isEmpty()) {
            json.remove(key);
        } else {
            json.set(key, mapper.readTree(value));
        }
        Path file = folder.resolve("config.json");
        Files.writeString(file, mapper.writeValueAsString(json));
        return EncoderFamilies.read(file);
    }

    @Test
    void familiesAreFoundByTheirNames() {
        List<String> names =
                EncoderFamilies.all().stream().map(EncoderFamily::modelType).toList();
        assertEquals(List.of("bert", "roberta", "xlm-roberta", "distilbert", "electra"), names);
        assertEquals(names.size(), new HashSet<>(names).size());
        EncoderFamilies.all().forEach(f -> assertSame(f, EncoderFamilies.find(f.modelType())));
        assertNull(EncoderFamilies.find("gpt2"));
    }

    @ParameterizedTest
    @FieldSource("io.lora4j.models.family.TinyFamily#NAMES")
    void readsWhatTransformersWrites(String name) {
        EncoderConfig config = EncoderFamilies.read(new TinyFamily(name).folder.resolve("config.json"));
        assertEquals(name.replace("-unprojected", ""), config.family().modelType());
        assertEquals(
                List.of(8, 2, 2, 12),
                List.of(config.hiddenSize(), config.layers(), config.heads(), config.intermediateSize()));
        assertEquals(name.equals("electra") ? 6 : 8, config.embeddingSize());
        assertEquals(name.contains("roberta") ? 18 : 20, config.maxPositions());
        assertEquals(name.equals("distilbert") ? 0.2 : 0.1, config.classifierDropout(), "head");
        assertEquals(0.1, config.hiddenDropout());
        HiddenActivation activation =
                switch (name) {
                    case "bert" -> HiddenActivation.GELU_TANH;
                    case "xlm-roberta" -> HiddenActivation.SILU;
                    case "electra" -> HiddenActivation.RELU;
                    default -> HiddenActivation.GELU;
                };
        assertEquals(activation, config.hiddenAct());
    }

    @Test
    void anUnknownModelTypeIsRefusedAndTheKnownOnesAreListed() {
        FormatException error = assertThrows(FormatException.class, () -> read("bert", "model_type", "\"albert\""));
        assertEquals(
                folder.resolve("config.json")
                        + ": model_type \"albert\" is not supported; supported is bert, roberta, xlm-roberta, distilbert,"
                        + " electra",
                error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "roberta|model_type||required keys are missing: model_type",
                "roberta|hidden_act|\"mish\"|hidden_act \"mish\" is not supported; supported is gelu, gelu_python,",
                "distilbert|activation|\"tanh\"|activation \"tanh\" is not supported; supported is gelu, gelu_python,",
                "distilbert|n_layers||required keys are missing: n_layers",
                "distilbert|n_heads|3|num_attention_heads 3 does not divide hidden_size 8",
                "electra|embedding_size||required keys are missing: embedding_size",
                "electra|embedding_size|0|embedding_size must be at least 1: 0",
                "roberta|max_position_embeddings|2|max_position_embeddings must be at least 1: 0",
                "roberta|pad_token_id|-2|pad_token_id must be a token id: -2",
                "roberta|position_embedding_type|\"relative_key\"|position_embedding_type \"relative_key\" is not",
                "xlm-roberta|is_decoder|true|is_decoder \"true\" is not supported",
                "electra|hidden_dropout_prob|1.5|hidden_dropout_prob must be in [0, 1): 1.5",
                "distilbert|dim|8.5|dim must be a whole number: 8.5"
            })
    void refusesByName(String name, String key, String value, String message) {
        String given = value == null ? "" : value;
        FormatException error = assertThrows(FormatException.class, () -> read(name, key, given));
        String actual = String.valueOf(error.getMessage());
        assertTrue(actual.startsWith(folder.resolve("config.json") + ": " + message), actual);
    }

    @ParameterizedTest
    @CsvSource({
        "gelu,GELU",
        "gelu_python,GELU",
        "gelu_new,GELU_TANH",
        "gelu_pytorch_tanh,GELU_TANH",
        "gelu_fast,GELU_TANH",
        "relu,RELU",
        "silu,SILU",
        "swish,SILU"
    })
    void activationsByTheirNames(String name, HiddenActivation expected) throws IOException {
        assertEquals(expected, read("roberta", "hidden_act", "\"" + name + "\"").hiddenAct());
        assertEquals(
                expected, read("distilbert", "activation", "\"" + name + "\"").hiddenAct());
    }
}
