package io.lora4j.models.bert;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.error.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The shape of a BERT encoder, as a Hugging Face {@code config.json} gives it.
 *
 * @param vocabSize {@code vocab_size}: number of token ids
 * @param hiddenSize {@code hidden_size}: H, columns of a row
 * @param layers {@code num_hidden_layers}
 * @param heads {@code num_attention_heads}: divides H
 * @param intermediateSize {@code intermediate_size}: columns inside the feed-forward block
 * @param maxPositions {@code max_position_embeddings}: the longest sequence
 * @param typeVocabSize {@code type_vocab_size}: number of token types, 2 if absent
 * @param layerNormEps {@code layer_norm_eps}, 1e-12 if absent
 * @param hiddenAct {@code hidden_act}: always {@code gelu}, the erf form
 * @param hiddenDropout {@code hidden_dropout_prob}: of embeddings and block outputs in training, 0.1 if absent
 * @param attentionDropout {@code attention_probs_dropout_prob}: of attention probabilities in training, 0.1 if absent
 * @param classifierDropout {@code classifier_dropout}: before the classifier, {@code hiddenDropout} if absent or null
 * @param initializerRange {@code initializer_range}: standard deviation of new weights, 0.02 if absent
 */
public record BertConfig(
        int vocabSize,
        int hiddenSize,
        int layers,
        int heads,
        int intermediateSize,
        int maxPositions,
        int typeVocabSize,
        double layerNormEps,
        String hiddenAct,
        double hiddenDropout,
        double attentionDropout,
        double classifierDropout,
        double initializerRange) {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final List<String> REQUIRED = List.of(
            "model_type",
            "vocab_size",
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "intermediate_size",
            "max_position_embeddings");

    /** Checks the ranges. */
    public BertConfig {
        positive("vocab_size", vocabSize);
        positive("hidden_size", hiddenSize);
        positive("num_hidden_layers", layers);
        positive("num_attention_heads", heads);
        positive("intermediate_size", intermediateSize);
        positive("max_position_embeddings", maxPositions);
        positive("type_vocab_size", typeVocabSize);
        check(hiddenSize % heads == 0, "num_attention_heads " + heads + " does not divide hidden_size " + hiddenSize);
        check(layerNormEps > 0, "layer_norm_eps must be greater than 0: " + layerNormEps);
        check(hiddenAct.equals("gelu"), "hidden_act \"" + hiddenAct + "\" is not supported; supported is \"gelu\"");
        rate("hidden_dropout_prob", hiddenDropout);
        rate("attention_probs_dropout_prob", attentionDropout);
        rate("classifier_dropout", classifierDropout);
        check(initializerRange >= 0, "initializer_range must not be negative: " + initializerRange);
    }

    private static void positive(String key, int value) {
        check(value >= 1, key + " must be at least 1: " + value);
    }

    private static void rate(String key, double value) {
        check(value >= 0 && value < 1, key + " must be in [0, 1): " + value);
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /**
     * The same encoder with other dropout rates.
     *
     * @param hidden of embeddings and block outputs, in [0, 1)
     * @param attention of attention probabilities, in [0, 1)
     * @param classifier before the classifier, in [0, 1)
     * @return a changed copy
     */
    public BertConfig withDropout(double hidden, double attention, double classifier) {
        return new BertConfig(
                vocabSize,
                hiddenSize,
                layers,
                heads,
                intermediateSize,
                maxPositions,
                typeVocabSize,
                layerNormEps,
                hiddenAct,
                hidden,
                attention,
                classifier,
                initializerRange);
    }

    /**
     * Reads a {@code config.json}. Keys that do not change the encoder's arithmetic are ignored.
     *
     * @param configJson the file
     * @return the configuration
     * @throws FormatException if the file cannot be read or is no JSON object, required keys are missing (all are named), a value has
     *     the wrong type or range, or the file describes something else than an encoder with absolute positions and GELU
     */
    public static BertConfig read(Path configJson) {
        JsonNode root = parse(configJson);
        List<String> missing = new ArrayList<>(REQUIRED);
        missing.removeIf(root::hasNonNull);
        if (!missing.isEmpty()) {
            throw new FormatException(configJson, "required keys are missing: " + String.join(", ", missing));
        }
        try {
            refuse(root, "model_type", "bert");
            refuse(root, "position_embedding_type", "absolute");
            refuse(root, "is_decoder", "false");
            refuse(root, "add_cross_attention", "false");
            return fromJson(root);
        } catch (IllegalArgumentException e) {
            throw new FormatException(configJson, String.valueOf(e.getMessage()));
        }
    }

    private static JsonNode parse(Path configJson) {
        try {
            JsonNode root = MAPPER.readTree(Files.readAllBytes(configJson));
            if (!root.isObject()) {
                throw new FormatException(configJson, "a model configuration must be a JSON object");
            }
            return root;
        } catch (JsonProcessingException e) {
            long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
            String what = "no valid JSON: " + e.getOriginalMessage();
            throw offset < 0 ? new FormatException(configJson, what) : new FormatException(configJson, offset, what);
        } catch (IOException e) {
            throw new FormatException(
                    configJson,
                    Files.exists(configJson) ? "cannot be read: " + e.getMessage() : "the file does not exist");
        }
    }

    /** Refuses a key whose value is not the only one that this encoder can compute. */
    private static void refuse(JsonNode root, String key, String supported) {
        if (root.hasNonNull(key) && !root.get(key).asText().equals(supported)) {
            throw new IllegalArgumentException(
                    key + " \"" + root.get(key).asText() + "\" is not supported; supported is \"" + supported + "\"");
        }
    }

    private static BertConfig fromJson(JsonNode root) {
        double hiddenDropout = number(root, "hidden_dropout_prob", 0.1);
        return new BertConfig(
                integer(root, "vocab_size", 0),
                integer(root, "hidden_size", 0),
                integer(root, "num_hidden_layers", 0),
                integer(root, "num_attention_heads", 0),
                integer(root, "intermediate_size", 0),
                integer(root, "max_position_embeddings", 0),
                integer(root, "type_vocab_size", 2),
                number(root, "layer_norm_eps", 1e-12),
                root.hasNonNull("hidden_act") ? root.get("hidden_act").asText() : "gelu",
                hiddenDropout,
                number(root, "attention_probs_dropout_prob", 0.1),
                number(root, "classifier_dropout", hiddenDropout),
                number(root, "initializer_range", 0.02));
    }

    private static int integer(JsonNode root, String key, int absent) {
        if (!root.hasNonNull(key)) {
            return absent;
        }
        check(root.get(key).isInt(), key + " must be a whole number: " + root.get(key));
        return root.get(key).intValue();
    }

    private static double number(JsonNode root, String key, double absent) {
        if (!root.hasNonNull(key)) {
            return absent;
        }
        check(root.get(key).isNumber(), key + " must be a number: " + root.get(key));
        return root.get(key).doubleValue();
    }
}
