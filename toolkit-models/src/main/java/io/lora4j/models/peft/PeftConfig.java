package io.lora4j.models.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.JsonFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@code adapter_config.json} says, checked. Source: huggingface/peft 0.21, {@code tuners/lora/config.py}. */
final class PeftConfig {
    private static final Logger LOG = LoggerFactory.getLogger(PeftConfig.class);
    private static final int MAX_RANK = 1 << 16;

    /** Settings whose presence makes an adapter something that W + s A B is not. */
    private static final List<String> OTHER_ADAPTERS = List.of(
            "alora_invocation_tokens",
            "arrow_config",
            "fan_in_fan_out",
            "kasa_config",
            "layer_replication",
            "lora_bias",
            "monteclora_config",
            "target_parameters",
            "trainable_token_indices",
            "use_bdlora",
            "use_qalora",
            "velora_config");

    /** Starts for which PEFT changes the base weights again when it loads the file. */
    private static final Pattern CHANGES_THE_BASE = Pattern.compile("pissa.*|olora|corda|loftq|mica|lora_one");

    private final Path file;
    private final ObjectNode json;

    private PeftConfig(Path file, ObjectNode json) {
        this.file = file;
        this.json = json;
    }

    static PeftConfig read(Path file) {
        PeftConfig config = new PeftConfig(file, JsonFiles.read(file));
        config.check();
        return config;
    }

    private void check() {
        String type = json.path("peft_type").asText();
        if (!type.equals("LORA")) {
            throw new UserException(file + ": peft_type is \"" + type + "\"; only LORA adapters can be read");
        }
        for (String key : OTHER_ADAPTERS) {
            JsonNode value = json.path(key);
            boolean off = value.isMissingNode()
                    || value.isNull()
                    || (value.isBoolean() && !value.asBoolean())
                    || (value.isContainerNode() && value.isEmpty());
            if (!off) {
                throw new UserException(file + ": " + key + " is set, which changes what the adapter computes;"
                        + " this version reads plain LoRA, rsLoRA and DoRA");
            }
        }
        JsonNode start = json.path("init_lora_weights");
        if (start.isTextual() && CHANGES_THE_BASE.matcher(start.asText()).matches()) {
            throw new UserException(file + ": init_lora_weights is \"" + start.asText()
                    + "\", so the adapter belongs to a changed base: save it in PEFT with"
                    + " path_initial_model_for_weight_conversion, which writes one for the original base");
        }
        number("lora_alpha");
        checkRank("r", number("r"));
        patterns("rank_pattern").forEach((key, value) -> checkRank("rank_pattern." + key, value));
        patterns("alpha_pattern");
        if (!Set.of("none", "all", "lora_only").contains(bias())) {
            throw new FormatException(file, "bias is \"" + bias() + "\", not none, all or lora_only");
        }
        dropout();
        modulesToSave();
    }

    private void checkRank(String key, double value) {
        if (value != Math.rint(value) || value < 1 || value > MAX_RANK) {
            throw new FormatException(file, key + " is " + value + ", not a whole number from 1 to " + MAX_RANK);
        }
    }

    private double number(String key) {
        JsonNode value = json.path(key);
        if (!value.isNumber() || !(value.asDouble() > 0) || Double.isInfinite(value.asDouble())) {
            throw new FormatException(
                    file, key + " must be a number greater than 0" + (value.isMissingNode() ? "; it is missing" : ""));
        }
        return value.asDouble();
    }

    /** Key to value of rank_pattern or alpha_pattern, in the file's order. */
    private Map<String, Double> patterns(String name) {
        Map<String, Double> patterns = new LinkedHashMap<>();
        JsonNode node = json.path(name);
        if (!node.isMissingNode() && !node.isNull() && !node.isObject()) {
            throw new FormatException(file, name + " is not an object");
        }
        node.properties().forEach(entry -> {
            if (!entry.getValue().isNumber() || !(entry.getValue().asDouble() > 0)) {
                throw new FormatException(file, name + "." + entry.getKey() + " is not a number greater than 0");
            }
            try {
                LoraConfig.matchesKey(entry.getKey(), "");
            } catch (IllegalArgumentException e) {
                throw new FormatException(file, name + ": " + e.getMessage());
            }
            patterns.put(entry.getKey(), entry.getValue().asDouble());
        });
        return patterns;
    }

    private @Nullable Double firstMatch(String name, String layer) {
        for (Map.Entry<String, Double> entry : patterns(name).entrySet()) {
            if (LoraConfig.matchesKey(entry.getKey(), layer)) {
                return entry.getValue();
            }
        }
        return null;
    }

    int rank(String layer) {
        Double own = firstMatch("rank_pattern", layer);
        return (int) (own == null ? number("r") : own);
    }

    double alpha(String layer) {
        Double own = firstMatch("alpha_pattern", layer);
        return own == null ? number("lora_alpha") : own;
    }

    Scaling scaling() {
        return json.path("use_rslora").asBoolean() ? Scaling.RSLORA : Scaling.STANDARD;
    }

    WeightForm form() {
        return json.path("use_dora").asBoolean() ? WeightForm.DORA : WeightForm.PLAIN;
    }

    double dropout() {
        double dropout = json.path("lora_dropout").asDouble();
        if (!(dropout >= 0 && dropout < 1)) {
            throw new FormatException(file, "lora_dropout is " + dropout + ", not in [0, 1)");
        }
        return dropout;
    }

    private String bias() {
        JsonNode bias = json.path("bias");
        return bias.isMissingNode() || bias.isNull() ? "none" : bias.asText();
    }

    boolean allBiases() {
        return bias().equals("all");
    }

    private List<String> modulesToSave() {
        List<String> modules = new ArrayList<>(List.of("classifier", "score"));
        JsonNode node = json.path("modules_to_save");
        if (!node.isMissingNode() && !node.isNull() && !node.isArray()) {
            throw new FormatException(file, "modules_to_save is not a list");
        }
        node.forEach(module -> modules.add(module.asText()));
        return modules;
    }

    /** Whether a tensor belongs to a module that is trained whole. */
    boolean saves(String tensor) {
        return modulesToSave().stream()
                .anyMatch(module -> tensor.startsWith(module + ".") || tensor.contains("." + module + "."));
    }

    /** Says which rules name no layer of the file: PEFT says nothing, and the user's rank would silently not hold. */
    void warnings(Set<String> layers) {
        for (String name : List.of("rank_pattern", "alpha_pattern")) {
            patterns(name).keySet().stream()
                    .filter(key -> layers.stream().noneMatch(layer -> LoraConfig.matchesKey(key, layer)))
                    .forEach(key -> LOG.warn("{}: {} \"{}\" matches no adapted layer", file, name, key));
        }
        JsonNode targets = json.path("target_modules");
        if (targets.isArray()) {
            targets.forEach(target -> {
                if (layers.stream().noneMatch(layer -> LoraConfig.matches(target.asText(), layer))) {
                    LOG.warn("{}: target_modules \"{}\" names no adapted layer", file, target.asText());
                }
            });
        } else if (targets.isTextual() && !targets.asText().equals("all-linear")) {
            warnOfPattern(targets.asText(), layers);
        }
    }

    private void warnOfPattern(String regex, Set<String> layers) {
        try {
            Pattern pattern = Pattern.compile(regex);
            layers.stream()
                    .filter(layer -> !pattern.matcher(layer).matches())
                    .forEach(layer -> LOG.warn("{}: target_modules does not match the adapted layer {}", file, layer));
        } catch (PatternSyntaxException e) {
            throw new FormatException(file, "target_modules is not a regular expression: " + e.getDescription());
        }
    }
}
