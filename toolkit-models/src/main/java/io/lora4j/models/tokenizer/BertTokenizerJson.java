package io.lora4j.models.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the {@code tokenizer.json} of a BERT from its {@code vocab.txt}.
 *
 * <p>Source: huggingface/transformers, {@code BertConverter} in {@code src/transformers/convert_slow_tokenizer.py}: BERT's normaliser
 * (clean text, spaces around Chinese characters, and for an uncased vocabulary, one without a capital letter, lower case without
 * accents) and pre-tokenizer, WordPiece with
 * {@code ##} for the inside of words, and the template {@code [CLS] A [SEP] B [SEP]}.
 */
public final class BertTokenizerJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    private BertTokenizerJson() {}

    /**
     * Builds the file's content.
     *
     * @param vocabulary the bytes of {@code vocab.txt}: UTF-8, one token a line, its id is the line's number from 0
     * @param source the vocabulary's name, for messages
     * @param size the number of tokens the model has embeddings for
     * @return a complete {@code tokenizer.json} without truncation and padding
     * @throws FormatException if the vocabulary is not UTF-8, has another size, a token twice or not all special tokens
     */
    public static ObjectNode of(byte[] vocabulary, Path source, int size) {
        Map<String, Integer> ids = ids(vocabulary, source);
        if (ids.size() != size) {
            throw new FormatException(
                    source, "the vocabulary has " + ids.size() + " tokens but the model has embeddings for " + size);
        }
        ObjectNode root = JSON.objectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (String token : SPECIAL) {
            added.add(added(token, id(ids, token, source)));
        }
        ObjectNode normalizer = root.putObject("normalizer");
        normalizer.put("type", "BertNormalizer");
        normalizer.put("clean_text", true);
        normalizer.put("handle_chinese_chars", true);
        normalizer.putNull("strip_accents");
        normalizer.put("lowercase", isUncased(ids.keySet()));
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        root.set("post_processor", template(ids, source));
        root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        ObjectNode model = root.putObject("model");
        model.put("type", "WordPiece");
        model.put("unk_token", "[UNK]");
        model.put("continuing_subword_prefix", "##");
        model.put("max_input_chars_per_word", 100);
        ObjectNode vocab = model.putObject("vocab");
        ids.forEach(vocab::put);
        return root;
    }

    private static Map<String, Integer> ids(byte[] vocabulary, Path source) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(vocabulary))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new FormatException(source, "the vocabulary is not UTF-8: " + e.getMessage());
        }
        Map<String, Integer> ids = new LinkedHashMap<>();
        // Not lines(): a vocabulary may hold characters that Java takes for line ends.
        String[] lines = text.split("\n", -1);
        int count = lines[lines.length - 1].isEmpty() ? lines.length - 1 : lines.length;
        for (int i = 0; i < count; i++) {
            String token = lines[i].endsWith("\r") ? lines[i].substring(0, lines[i].length() - 1) : lines[i];
            if (token.isEmpty()) {
                throw new FormatException(source, "line " + (i + 1) + " is empty, so no id is certain");
            }
            Integer first = ids.putIfAbsent(token, ids.size());
            if (first != null) {
                throw new FormatException(
                        source, "the token '" + token + "' stands twice, as " + first + " and " + ids.size());
            }
        }
        return ids;
    }

    private static boolean isUncased(Set<String> tokens) {
        return tokens.stream().filter(token -> !token.startsWith("[")).noneMatch(token -> token.codePoints()
                .anyMatch(c -> c >= 'A' && c <= 'Z'));
    }

    private static int id(Map<String, Integer> ids, String token, Path source) {
        Integer id = ids.get(token);
        if (id == null) {
            throw new FormatException(source, "the vocabulary has no " + token);
        }
        return id;
    }

    private static ObjectNode added(String token, int id) {
        ObjectNode added = JSON.objectNode();
        added.put("id", id);
        added.put("content", token);
        added.put("single_word", false);
        added.put("lstrip", false);
        added.put("rstrip", false);
        added.put("normalized", false);
        added.put("special", true);
        return added;
    }

    private static ObjectNode template(Map<String, Integer> ids, Path source) {
        ObjectNode template = JSON.objectNode();
        template.put("type", "TemplateProcessing");
        ArrayNode single = template.putArray("single");
        single.add(special("[CLS]", 0)).add(sequence("A", 0)).add(special("[SEP]", 0));
        ArrayNode pair = template.putArray("pair");
        pair.add(special("[CLS]", 0)).add(sequence("A", 0)).add(special("[SEP]", 0));
        pair.add(sequence("B", 1)).add(special("[SEP]", 1));
        ObjectNode tokens = template.putObject("special_tokens");
        for (String token : List.of("[CLS]", "[SEP]")) {
            ObjectNode entry = tokens.putObject(token);
            entry.put("id", token);
            entry.putArray("ids").add(id(ids, token, source));
            entry.putArray("tokens").add(token);
        }
        return template;
    }

    private static ObjectNode special(String token, int type) {
        ObjectNode piece = JSON.objectNode();
        piece.putObject("SpecialToken").put("id", token).put("type_id", type);
        return piece;
    }

    private static ObjectNode sequence(String name, int type) {
        ObjectNode piece = JSON.objectNode();
        piece.putObject("Sequence").put("id", name).put("type_id", type);
        return piece;
    }
}
