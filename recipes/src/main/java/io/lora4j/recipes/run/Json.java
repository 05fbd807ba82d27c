package io.lora4j.recipes.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON of the run directory: keys in snake_case, lines ended by LF on every platform, files moved into place. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();
    private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");

    private Json() {}

    /** One line without its end. */
    static String line(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON: " + value, e);
        }
    }

    static void write(Path file, Object value) {
        text(file, pretty(value) + "\n");
    }

    static void text(Path file, String content) {
        AtomicFile.write(file, beside -> Files.writeString(beside, content, StandardCharsets.UTF_8));
    }

    /**
     * Reads a file.
     *
     * @throws FormatException if it is no JSON
     * @throws UserException if it cannot be read
     */
    static JsonNode read(Path file) {
        try {
            return MAPPER.readTree(Files.readString(file, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new FormatException(file, 0, "is no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new UserException("cannot read " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    private static String pretty(Object value) {
        try {
            return MAPPER.writer(new DefaultPrettyPrinter()
                            .withObjectIndenter(INDENT)
                            .withArrayIndenter(INDENT))
                    .writeValueAsString(value);
        } catch (IOException e) {
            throw new IllegalArgumentException("no JSON: " + value, e);
        }
    }
}
