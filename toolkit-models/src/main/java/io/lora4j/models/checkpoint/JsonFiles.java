package io.lora4j.models.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Small JSON files ({@code config.json} and its like): read strictly, written with two spaces of indent and in one step. */
public final class JsonFiles {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");
    private static final ObjectWriter WRITER =
            MAPPER.writer(new DefaultPrettyPrinter().withObjectIndenter(INDENT).withArrayIndenter(INDENT));

    private JsonFiles() {}

    /**
     * Reads a file that holds one JSON object.
     *
     * @param file the file
     * @return its content
     * @throws FormatException if it is not one JSON object or repeats a key
     * @throws UserException if it cannot be read
     */
    public static ObjectNode read(Path file) {
        try {
            return parse(Files.readAllBytes(file), file);
        } catch (NoSuchFileException e) {
            throw new UserException("no such file: " + file, e);
        } catch (IOException e) {
            throw new UserException("cannot read " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    /**
     * Parses bytes that hold one JSON object.
     *
     * @param bytes the JSON text in UTF-8
     * @param source where they come from, for messages
     * @return the content
     * @throws FormatException if they are not one JSON object or repeat a key
     */
    public static ObjectNode parse(byte[] bytes, Path source) {
        try {
            if (MAPPER.readTree(bytes) instanceof ObjectNode object) {
                return object;
            }
            throw new FormatException(source, 0, "this is not a JSON object");
        } catch (JsonProcessingException e) {
            long at = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
            throw new FormatException(source, at, "this is not valid JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new FormatException(source, "this is not JSON in UTF-8: " + e.getMessage());
        }
    }

    /**
     * Writes a file, replacing an existing one in a single step.
     *
     * @param file the file; its folder must exist
     * @param content the JSON to write; keys stay in their order
     * @throws UserException if the disk refuses
     */
    public static void write(Path file, JsonNode content) {
        AtomicFile.write(
                file,
                beside -> Files.writeString(beside, WRITER.writeValueAsString(content) + "\n", StandardCharsets.UTF_8));
    }
}
