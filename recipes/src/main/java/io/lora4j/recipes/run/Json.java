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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** JSON of the run directory: keys in snake_case, lines ended by LF on every platform, files moved into place. */
public final class Json {
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

    /**
     * Writes a file in one step.
     *
     * @param file its final name; its folder must exist
     * @param value maps, lists, records, numbers, texts
     * @throws UserException if the disk refuses
     */
    public static void write(Path file, Object value) {
        text(file, pretty(value) + "\n");
    }

    /**
     * Writes a text file in one step.
     *
     * @param file its final name; its folder must exist
     * @param content the whole text
     * @throws UserException if the disk refuses
     */
    public static void text(Path file, String content) {
        AtomicFile.write(file, beside -> Files.writeString(beside, content, StandardCharsets.UTF_8));
    }

    /**
     * Reads a file.
     *
     * @param file a JSON file
     * @return its content
     * @throws FormatException if it is no JSON
     * @throws UserException if it cannot be read
     */
    public static JsonNode read(Path file) {
        try {
            return MAPPER.readTree(Files.readString(file, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new FormatException(file, 0, "is no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new UserException("cannot read " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    /**
     * SHA-256 of a value as one line of JSON in UTF-8.
     *
     * @param value as for {@link #write}; the order of its keys counts
     * @return 64 hexadecimal digits
     */
    public static String sha256(Object value) {
        try {
            byte[] bytes = line(value).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
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
