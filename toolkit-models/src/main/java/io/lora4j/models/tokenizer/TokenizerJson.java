package io.lora4j.models.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What stands between a {@code tokenizer.json} and the native library that reads it.
 *
 * <p>The library (huggingface/tokenizers 0.21, {@code src/decoders/mod.rs}) takes some mistakes for impossible and ends the whole process at
 * them: broken JSON inside a decoder, nesting beyond its parser's limit there, numbers that are none, a template with unknown tokens. So the text is parsed here first, with
 * the same or tighter limits, and the library gets what was understood, written anew.
 */
final class TokenizerJson {
    /** The library's parser ends at 128. */
    private static final int MAX_DEPTH = 64;

    private static final int MAX_BYTES = 1 << 28;
    private static final List<String> PARTS = List.of("normalizer", "pre_tokenizer", "post_processor", "decoder");

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(1 << 24)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private TokenizerJson() {}

    /**
     * Checks a file's bytes.
     *
     * @param bytes the file
     * @param file its name for messages
     * @return the same JSON, safe for the library
     * @throws FormatException if it is not the JSON of a tokenizer
     */
    static byte[] checked(byte[] bytes, Path file) {
        if (bytes.length > MAX_BYTES) {
            throw new FormatException(file, "the file has " + bytes.length + " bytes, the limit is " + MAX_BYTES);
        }
        requireUtf8(bytes, file);
        try {
            if (!(MAPPER.readTree(bytes) instanceof ObjectNode root)
                    || !root.path("model").isObject()) {
                throw new FormatException(file, 0, "this is no tokenizer.json of Hugging Face: it has no model");
            }
            for (String part : PARTS) {
                JsonNode node = root.path(part);
                if (!node.isMissingNode()
                        && !node.isNull()
                        && !node.path("type").isTextual()) {
                    throw new FormatException(
                            file, "this is no tokenizer.json of Hugging Face: its " + part + " has no type");
                }
            }
            requireSound(root, file);
            requireTemplateTokens(root.path("post_processor"), file);
            root.putNull("truncation"); // both are decided here, see TextTokenizer
            root.putNull("padding");
            return MAPPER.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            long at = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
            throw new FormatException(file, at, "this is no tokenizer.json of Hugging Face: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new FormatException(file, "this is no tokenizer.json of Hugging Face: " + e.getMessage());
        }
    }

    private static void requireUtf8(byte[] bytes, Path file) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            StandardCharsets.UTF_8.newDecoder().decode(in);
        } catch (CharacterCodingException e) {
            throw new FormatException(file, in.position(), "the file is not UTF-8: " + e.getMessage());
        }
    }

    private static void requireSound(JsonNode node, Path file) {
        if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
            throw new FormatException(file, "a number is too large: " + node.asText());
        }
        if (node.isBigInteger()) {
            throw new FormatException(file, "a number is too large: " + node.asText());
        }
        if (node.isTextual()) {
            requireWhole(node.textValue(), file);
        }
        node.fieldNames().forEachRemaining(name -> requireWhole(name, file));
        for (JsonNode child : node) {
            requireSound(child, file);
        }
    }

    /** Half a surrogate pair can be written in JSON but is no character. */
    private static void requireWhole(String text, Path file) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i))
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                throw new FormatException(file, "a text holds half a surrogate pair, which is no character");
            }
        }
    }

    /** A template may only use the special tokens that it lists; the library looks them up without looking whether they are there. */
    private static void requireTemplateTokens(JsonNode processor, Path file) {
        processor.path("processors").forEach(inner -> requireTemplateTokens(inner, file));
        JsonNode known = processor.path("special_tokens");
        for (String template : List.of("single", "pair")) {
            for (JsonNode piece : processor.path(template)) {
                JsonNode token = piece.path("SpecialToken").path("id");
                if (!token.isMissingNode() && !known.has(token.asText())) {
                    throw new FormatException(
                            file,
                            "the post_processor's template uses the token '" + token.asText()
                                    + "', which it does not list");
                }
            }
        }
    }
}
