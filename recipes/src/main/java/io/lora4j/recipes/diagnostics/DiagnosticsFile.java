package io.lora4j.recipes.diagnostics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code diagnostics.jsonl} of a trial: one JSON object per line, UTF-8.
 *
 * <pre>
 * {"gradient": LAYER, "examples": N, "singular_values": [...], "effective_rank": X, "stable_rank": X}    once per layer
 * {"step": K, "angles": {LAYER: {"input": [...], "output": [...]}, ...}}                                  degrees
 * </pre>
 */
public final class DiagnosticsFile {
    /** Its name in a trial's folder. */
    public static final String NAME = "diagnostics.jsonl";

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Digits that are kept: more than a plot shows, fewer than rounding leaves. */
    private static final double DEGREE_DIGITS = 1e4;

    private DiagnosticsFile() {}

    /**
     * Appends the spectra.
     *
     * @param file the file; made if it is not there
     * @param spectra one per layer
     * @throws UserException if it cannot be written
     */
    public static void append(Path file, List<LayerSpectrum> spectra) {
        StringBuilder lines = new StringBuilder();
        for (LayerSpectrum spectrum : spectra) {
            ObjectNode line = JSON.createObjectNode();
            line.put("gradient", spectrum.layer());
            line.put("examples", spectrum.examples());
            ArrayNode values = line.putArray("singular_values");
            for (double value : spectrum.singularValues()) {
                values.add((float) value);
            }
            line.put("effective_rank", spectrum.effectiveRank());
            line.put("stable_rank", spectrum.stableRank());
            lines.append(line).append('\n');
        }
        append(file, lines.toString());
    }

    /**
     * Appends the angles of a moment.
     *
     * @param file the file; made if it is not there
     * @param angles the moment
     * @throws UserException if it cannot be written
     */
    public static void append(Path file, StepAngles angles) {
        ObjectNode line = JSON.createObjectNode();
        line.put("step", angles.step());
        ObjectNode layers = line.putObject("angles");
        angles.layers().forEach((layer, both) -> {
            ObjectNode node = layers.putObject(layer);
            put(node.putArray("input"), both.input());
            put(node.putArray("output"), both.output());
        });
        append(file, line + "\n");
    }

    private static void put(ArrayNode array, double[] degrees) {
        for (double degree : degrees) {
            array.add(Math.rint(degree * DEGREE_DIGITS) / DEGREE_DIGITS);
        }
    }

    private static void append(Path file, String lines) {
        try {
            Files.writeString(
                    file, lines, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UserException("cannot write " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    /**
     * Takes away what was written behind a step, to go on from there; half a line at the end goes as well.
     *
     * @param file the file; it may be missing
     * @param step the last step that is kept
     * @throws UserException if it cannot be read or written
     */
    public static void cut(Path file, long step) {
        if (!Files.exists(file)) {
            return;
        }
        StringBuilder kept = new StringBuilder();
        for (String line : lines(file)) {
            try {
                JsonNode node = JSON.readTree(line);
                if (node.path("step").asLong(0) <= step) {
                    kept.append(line).append('\n');
                }
            } catch (JsonProcessingException half) {
                break;
            }
        }
        AtomicFile.write(file, beside -> Files.writeString(beside, kept, StandardCharsets.UTF_8));
    }

    /**
     * Reads the file of a trial.
     *
     * @param trial the trial's folder
     * @return what it holds; {@link TrialDiagnostics#NOTHING} if it is not there
     * @throws FormatException if it is damaged
     * @throws UserException if it cannot be read
     */
    public static TrialDiagnostics read(Path trial) {
        Path file = trial.resolve(NAME);
        if (!Files.exists(file)) {
            return TrialDiagnostics.NOTHING;
        }
        List<LayerSpectrum> spectra = new ArrayList<>();
        List<StepAngles> angles = new ArrayList<>();
        int number = 0;
        for (String line : lines(file)) {
            number++;
            JsonNode node;
            try {
                node = JSON.readTree(line);
            } catch (JsonProcessingException e) {
                throw damaged(file, number, "is no JSON: " + e.getOriginalMessage());
            }
            if (node.path("gradient").isTextual()) {
                spectra.add(new LayerSpectrum(
                        node.path("gradient").asText(),
                        node.path("examples").asLong(),
                        numbers(file, number, node.path("singular_values")),
                        node.path("effective_rank").asDouble(),
                        node.path("stable_rank").asDouble()));
            } else if (node.path("step").isIntegralNumber()
                    && node.path("angles").isObject()) {
                angles.add(new StepAngles(node.path("step").asLong(), layers(file, number, node.path("angles"))));
            } else {
                throw damaged(file, number, "has neither \"gradient\" nor \"step\" and \"angles\"");
            }
        }
        return new TrialDiagnostics(spectra, angles);
    }

    private static Map<String, LayerAngles> layers(Path file, int line, JsonNode node) {
        Map<String, LayerAngles> layers = new LinkedHashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> all = node.fields(); all.hasNext(); ) {
            Map.Entry<String, JsonNode> layer = all.next();
            layers.put(
                    layer.getKey(),
                    new LayerAngles(
                            numbers(file, line, layer.getValue().path("input")),
                            numbers(file, line, layer.getValue().path("output"))));
        }
        return layers;
    }

    private static double[] numbers(Path file, int line, JsonNode array) {
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!array.get(i).isNumber()) {
                throw damaged(file, line, "has " + array.get(i) + " in the place of a number");
            }
            numbers[i] = array.get(i).asDouble();
        }
        return numbers;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserException("cannot read " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    private static FormatException damaged(Path file, int line, String what) {
        return new FormatException(file, "line " + line + " " + what);
    }
}
