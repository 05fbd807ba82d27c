package io.lora4j.network;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraConfigBuilder;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** A {@link LoraConfig} as a JSON tree, key by key: a file names no class. */
final class ConfigJson {
    static final ObjectMapper MAPPER = new ObjectMapper();

    private ConfigJson() {}

    static ObjectNode write(LoraConfig config) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("rank", config.rank());
        node.put("alpha", config.alpha());
        node.put("scaling", config.scaling().name());
        node.put("dropout", config.dropout());
        strings(node.putArray("targetModules"), config.targetModules());
        node.put("targetPattern", config.targetPattern());
        strings(
                node.putArray("targetKinds"),
                config.targetKinds().stream().map(LayerKind::name).toList());
        ObjectNode ranks = node.putObject("rankPattern");
        config.rankPattern().forEach(ranks::put);
        ObjectNode alphas = node.putObject("alphaPattern");
        config.alphaPattern().forEach(alphas::put);
        strings(node.putArray("modulesToSave"), config.modulesToSave());
        node.put("weightForm", config.weightForm().name());
        return node;
    }

    private static void strings(ArrayNode array, Collection<String> values) {
        values.forEach(array::add);
    }

    /** Throws IllegalArgumentException for a value that is missing or out of range. */
    static LoraConfig read(JsonNode node) {
        LoraConfigBuilder builder = LoraConfig.builder()
                .rank(node.required("rank").asInt())
                .alpha(node.required("alpha").asDouble())
                .scaling(Scaling.valueOf(node.required("scaling").asText()))
                .dropout(node.required("dropout").asDouble())
                .weightForm(WeightForm.valueOf(node.required("weightForm").asText()))
                .targetModules(strings(node.required("targetModules")).toArray(String[]::new))
                .modulesToSave(strings(node.required("modulesToSave")).toArray(String[]::new))
                .targetKinds(strings(node.required("targetKinds")).stream()
                        .map(LayerKind::valueOf)
                        .toArray(LayerKind[]::new));
        if (node.hasNonNull("targetPattern")) {
            builder.targetPattern(node.get("targetPattern").asText());
        }
        node.required("rankPattern")
                .fields()
                .forEachRemaining(
                        e -> builder.rankPattern(e.getKey(), e.getValue().asInt()));
        node.required("alphaPattern")
                .fields()
                .forEachRemaining(
                        e -> builder.alphaPattern(e.getKey(), e.getValue().asDouble()));
        return builder.build();
    }

    static List<String> strings(JsonNode array) {
        List<String> values = new ArrayList<>();
        array.forEach(value -> values.add(value.asText()));
        return values;
    }
}
