package io.lora4j.recipes.results;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object of a run directory, every field checked as it is read: what is missing or wrong is told with the file and the field. */
final class Fields {
    /** Far above any result.json; a file of gigabytes under that name is not one. */
    private static final long MOST_BYTES = 64L << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path file;
    private final String where;
    private final JsonNode node;

    private Fields(Path file, String where, JsonNode node) {
        this.file = file;
        this.where = where;
        this.node = node;
    }

    /**
     * Reads a file that holds one object.
     *
     * @throws UserException if it is not there or cannot be read
     * @throws FormatException if it is no JSON object
     */
    static Fields read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MOST_BYTES) {
                throw new FormatException(file, "has " + size + " bytes, more than the " + MOST_BYTES + " it may have");
            }
            return parse(file, "", Files.readString(file, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            throw new UserException("there is no " + file, e);
        } catch (CharacterCodingException e) {
            throw new FormatException(file, "is no UTF-8 text");
        } catch (IOException e) {
            throw new UserException("cannot read " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    /**
     * Reads an object.
     *
     * @param where what messages put before a field's name, e.g. {@code line 3: }
     */
    static Fields parse(Path file, String where, String text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (!node.isObject()) {
                throw new FormatException(file, where + "is no JSON object");
            }
            return new Fields(file, where, node);
        } catch (JsonProcessingException e) {
            throw new FormatException(file, where + "is no JSON: " + e.getOriginalMessage());
        }
    }

    boolean has(String key) {
        return !node.path(key).isMissingNode() && !node.path(key).isNull();
    }

    double number(String key) {
        JsonNode value = node.path(key);
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw damaged("has no number \"" + key + "\"");
        }
        return value.doubleValue();
    }

    /** A number that may be absent or null. */
    @Nullable
    Double numberOrNull(String key) {
        return has(key) ? Double.valueOf(number(key)) : null;
    }

    /** Seconds, bytes and counts. */
    double notNegative(String key) {
        double value = number(key);
        if (value < 0) {
            throw damaged("has \"" + key + "\" " + value + ", which is below 0");
        }
        return value;
    }

    long whole(String key) {
        JsonNode value = node.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw damaged("has no whole number \"" + key + "\"");
        }
        return value.longValue();
    }

    /** A whole number from 0. */
    long count(String key) {
        long value = whole(key);
        if (value < 0) {
            throw damaged("has \"" + key + "\" " + value + ", which is below 0");
        }
        return value;
    }

    String text(String key) {
        JsonNode value = node.path(key);
        if (!value.isTextual()) {
            throw damaged("has no text \"" + key + "\"");
        }
        return value.textValue();
    }

    @Nullable
    String textOrNull(String key) {
        return has(key) ? text(key) : null;
    }

    Fields object(String key) {
        JsonNode value = node.path(key);
        if (!value.isObject()) {
            throw damaged("has no object \"" + key + "\"");
        }
        return new Fields(file, where + key + ": ", value);
    }

    /** The objects of a list; an absent list has none. */
    List<Fields> objects(String key) {
        if (!has(key)) {
            return List.of();
        }
        List<Fields> all = new ArrayList<>();
        for (JsonNode each : list(key)) {
            if (!each.isObject()) {
                throw damaged("has something in \"" + key + "\" that is no object");
            }
            all.add(new Fields(file, where + key + "[" + all.size() + "]: ", each));
        }
        return all;
    }

    /** The whole numbers of a list. */
    List<Long> wholes(String key) {
        List<Long> all = new ArrayList<>();
        for (JsonNode each : list(key)) {
            if (!each.isIntegralNumber() || !each.canConvertToLong()) {
                throw damaged("has something in \"" + key + "\" that is no whole number");
            }
            all.add(each.longValue());
        }
        return all;
    }

    private JsonNode list(String key) {
        JsonNode value = node.path(key);
        if (!value.isArray()) {
            throw damaged("has no list \"" + key + "\"");
        }
        return value;
    }

    /** The names of all fields, in the file's order. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** All texts, numbers and truth values of the object and of those in it: names joined by dots, values as text. */
    Map<String, String> flat() {
        Map<String, String> all = new LinkedHashMap<>();
        flatten("", node, all);
        return Collections.unmodifiableMap(all);
    }

    private static void flatten(String prefix, JsonNode object, Map<String, String> into) {
        object.fields().forEachRemaining(field -> {
            JsonNode value = field.getValue();
            if (value.isObject()) {
                flatten(prefix + field.getKey() + ".", value, into);
            } else if (!value.isNull()) {
                into.put(prefix + field.getKey(), value.isValueNode() ? value.asText() : value.toString());
            }
        });
    }

    FormatException damaged(String what) {
        return new FormatException(file, where + what);
    }
}
