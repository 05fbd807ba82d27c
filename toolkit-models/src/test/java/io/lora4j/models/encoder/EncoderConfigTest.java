package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lora4j.error.FormatException;
import io.lora4j.models.family.EncoderFamilies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncoderConfigTest {
    private static final String MINIMAL = "{\"model_type\": \"bert\", \"vocab_size\": 30522, \"hidden_size\": 384,"
            + " \"num_hidden_layers\": 6, \"num_attention_heads\": 12, \"intermediate_size\": 1536,"
            + " \"max_position_embeddings\": 512}";

    @TempDir
    Path folder = Path.of(".");

    private EncoderConfig read(String json) throws IOException {
        return EncoderFamilies.read(Files.writeString(folder.resolve("config.json"), json));
    }

    @Test
    void readsTheTinyBert() {
        assertEquals(
                BertFixtures.bert(32, 16, 2, 2, 24, 16, 2, 1e-12, 0, 0, 0, 0.3),
                EncoderFamilies.read(BertFixtures.golden("tiny_bert_base/config.json")));
    }

    @Test
    void absentKeysHaveHuggingFacesDefaults() throws IOException {
        assertEquals(BertFixtures.bert(30522, 384, 6, 12, 1536, 512, 2, 1e-12, 0.1, 0.1, 0.1, 0.02), read(MINIMAL));
        String more = MINIMAL.replace(
                "}",
                ", \"hidden_dropout_prob\": 0.2, \"classifier_dropout\": null,"
                        + " \"layer_norm_eps\": 1e-5, \"type_vocab_size\": 1, \"unknown\": [1]}");
        assertEquals(BertFixtures.bert(30522, 384, 6, 12, 1536, 512, 1, 1e-5, 0.2, 0.1, 0.2, 0.02), read(more));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"bert\"|7|model_type must be a text: 7",
                "512}|512, \"hidden_act\": \"mish\"}|hidden_act \"mish\" is not supported; supported is gelu, gelu_python,"
                        + " gelu_new, gelu_pytorch_tanh, gelu_fast, relu, silu, swish",
                "512}|512, \"is_decoder\": true}|is_decoder \"true\" is not supported; supported is \"false\"",
                "512}|512, \"position_embedding_type\": \"relative_key\"}"
                        + "|position_embedding_type \"relative_key\" is not supported; supported is \"absolute\"",
                "384|384.5|hidden_size must be a whole number: 384.5",
                "384|385|num_attention_heads 12 does not divide hidden_size 385",
                "30522|-1|vocab_size must be at least 1: -1",
                "512}|512, \"hidden_dropout_prob\": 1.0}|hidden_dropout_prob must be in [0, 1): 1.0",
                "512}|512, \"layer_norm_eps\": \"small\"}|layer_norm_eps must be a number: \"small\"",
                "\"hidden_size\": 384, |''|required keys are missing: hidden_size",
                "512}|null, \"x\": 1}|required keys are missing: max_position_embeddings"
            })
    void refusesByName(String from, String to, String message) {
        FormatException error = assertThrows(FormatException.class, () -> read(MINIMAL.replace(from, to)));
        assertEquals(folder.resolve("config.json") + ": " + message, error.getMessage());
    }

    @Test
    void namesAllMissingKeys() {
        FormatException error = assertThrows(FormatException.class, () -> read("{\"model_type\": \"bert\"}"));
        assertEquals(
                folder.resolve("config.json") + ": required keys are missing: vocab_size, hidden_size,"
                        + " num_hidden_layers, num_attention_heads, intermediate_size, max_position_embeddings",
                error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"''", "[1, 2]", "{\"vocab_size\": 1", "{\"a\": 1, \"a\": 2}", "{} {}"})
    void refusesWhatIsNoSingleJsonObject(String json) {
        assertThrows(FormatException.class, () -> read(json));
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = folder.resolve("none.json");
        FormatException error = assertThrows(FormatException.class, () -> EncoderFamilies.read(missing));
        assertEquals(missing + ": the file does not exist", error.getMessage());
    }
}
