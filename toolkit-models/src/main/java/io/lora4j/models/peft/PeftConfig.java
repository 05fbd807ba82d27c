package io.lora4j.models.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.checkpoint.JsonFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@code adapter_config.json} says, checked. Source: huggingface/peft 0.21, {@code tuners/lora/config.py}. */
final class PeftConfig {
    private static final Logger LOG = LoggerFactory.getLogger(PeftConfig.class);
    private static final int MAX_RANK = 1 << 16;
    /** PEFT's own files have two kilobytes. */
    private static final long MAX_BYTES = 1 << 20;

    private static final int MAX_MODULES = 200;

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
    private static final Pattern CHANGES_THE_BASE =
            Pattern.compile("pissa.*|olora|corda|loftq|mica|lora_one", Pattern.CASE_INSENSITIVE);

    private final Path file;
    private final ObjectNode json;
    private final PeftPatterns patterns;
    private final List<Rule> ranks;
    private final List<Rule> alphas;
    private final List<String> modulesToSave;

    /** One entry of rank_pattern or alpha_pattern. */
    private record Rule(String name, Pattern pattern, double value) {}

    private PeftConfig(Path file, ObjectNode json) {
        this.file = file;
        this.json = json;
        this.patterns = new PeftPatterns(file);
        checkKind();
        this.ranks = rules("rank_pattern");
        this.alphas = rules("alpha_pattern");
        this.modulesToSave = modules();
        checkValues();
    }

    static PeftConfig read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new FormatException(
                        file, "the file has " + Files.size(file) + " bytes, the limit is " + MAX_BYTES);
            }
        } catch (NoSuchFileException e) {
            throw new UserException("no such file: " + file, e);
        } catch (IOException e) {
            throw new UserException("cannot read " + file + ": " + AtomicFile.reason(e), e);
        }
        return new PeftConfig(file, JsonFiles.read(file));
    }

    private void checkKind() {
        String type = json.path("peft_type").asText();
        if (!type.equals("LORA")) {
            throw new UserException(
                    file + ": peft_type is \"" + PeftNames.shortened(type) + "\"; only LORA adapters can be read");
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
            throw new UserException(file + ": init_lora_weights is \"" + PeftNames.shortened(start.asText())
                    + "\", so the adapter belongs to a changed base: save it in PEFT with"
                    + " path_initial_model_for_weight_conversion, which writes one for the original base");
        }
    }

    private void checkValues() {
        number("lora_alpha");
        checkRank("r", number("r"));
        ranks.forEach(rule -> checkRank(rule.name(), rule.value()));
        flag("use_rslora");
        flag("use_dora");
        if (!Set.of("none", "all", "lora_only").contains(bias())) {
            throw new FormatException(
                    file, "bias is \"" + PeftNames.shortened(bias()) + "\", not none, all or lora_only");
        }
        dropout();
    }

    private void checkRank(String key, double value) {
        if (value != Math.rint(value) || value < 1 || value > MAX_RANK) {
            throw new FormatException(file, key + " is " + value + ", not a whole number from 1 to " + MAX_RANK);
        }
    }

    private double number(String key) {
        JsonNode value = json.path(key);
        if (!isPositive(value)) {
            throw new FormatException(
                    file, key + " must be a number greater than 0" + (value.isMissingNode() ? "; it is missing" : ""));
        }
        return value.asDouble();
    }

    /** Greater than 0 and within what a 32-bit float holds. */
    private static boolean isPositive(JsonNode value) {
        return value.isNumber() && value.asDouble() > 0 && value.asDouble() <= Float.MAX_VALUE;
    }

    /** The entries of rank_pattern or alpha_pattern, in the file's order. */
    private List<Rule> rules(String name) {
        List<Rule> rules = new ArrayList<>();
        JsonNode node = json.path(name);
        if (!node.isMissingNode() && !node.isNull() && !node.isObject()) {
            throw new FormatException(file, name + " is not an object");
        }
        node.properties().forEach(entry -> {
            String own = name + "." + PeftNames.shortened(entry.getKey());
            if (!isPositive(entry.getValue())) {
                throw new FormatException(file, own + " is not a number greater than 0");
            }
            rules.add(new Rule(
                    own, patterns.key(name, entry.getKey()), entry.getValue().asDouble()));
        });
        return rules;
    }

    private boolean matches(Rule rule, String layer) {
        return patterns.matches(rule.name(), rule.pattern(), layer);
    }

    private double firstMatch(List<Rule> rules, String layer, double otherwise) {
        for (Rule rule : rules) {
            if (matches(rule, layer)) {
                return rule.value();
            }
        }
        return otherwise;
    }

    int rank(String layer) {
        return (int) firstMatch(ranks, layer, number("r"));
    }

    double alpha(String layer) {
        return firstMatch(alphas, layer, number("lora_alpha"));
    }

    private boolean flag(String key) {
        JsonNode value = json.path(key);
        if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
            throw new FormatException(
                    file, key + " is " + PeftNames.shortened(value.toString()) + ", not true or false");
        }
        return value.asBoolean();
    }

    Scaling scaling() {
        return flag("use_rslora") ? Scaling.RSLORA : Scaling.STANDARD;
    }

    WeightForm form() {
        return flag("use_dora") ? WeightForm.DORA : WeightForm.PLAIN;
    }

    double dropout() {
        JsonNode value = json.path("lora_dropout");
        boolean absent = value.isMissingNode() || value.isNull();
        double dropout = value.asDouble();
        if (!absent && !(value.isNumber() && dropout >= 0 && dropout < 1)) {
            throw new FormatException(
                    file, "lora_dropout is " + PeftNames.shortened(value.toString()) + ", not a number in [0, 1)");
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

    private List<String> modules() {
        List<String> modules = new ArrayList<>(List.of("classifier", "score"));
        JsonNode node = json.path("modules_to_save");
        if (!node.isMissingNode() && !node.isNull() && !node.isArray()) {
            throw new FormatException(file, "modules_to_save is not a list");
        }
        node.forEach(module -> {
            if (!module.isTextual() || modules.size() > MAX_MODULES) {
                throw new FormatException(
                        file, "modules_to_save is not a list of at most " + MAX_MODULES + " modules' names");
            }
            modules.add(module.asText());
        });
        return List.copyOf(modules);
    }

    /** Whether a tensor belongs to a module that is trained whole. */
    boolean saves(String tensor) {
        return modulesToSave.stream()
                .anyMatch(module -> tensor.startsWith(module + ".") || tensor.contains("." + module + "."));
    }

    /** Says which rules name no layer of the file: PEFT says nothing, and the user's rank would silently not hold. */
    void warnings(Set<String> layers) {
        for (List<Rule> rules : List.of(ranks, alphas)) {
            rules.stream()
                    .filter(rule -> layers.stream().noneMatch(layer -> matches(rule, layer)))
                    .forEach(rule -> LOG.warn("{}: {} matches no adapted layer", file, rule.name()));
        }
        JsonNode targets = json.path("target_modules");
        if (targets.isArray()) {
            Set<String> unused = new LinkedHashSet<>();
            targets.forEach(target -> unused.add(target.asText()));
            layers.forEach(layer -> removeEndings(unused, layer));
            unused.forEach(target ->
                    LOG.warn("{}: target_modules \"{}\" names no adapted layer", file, PeftNames.shortened(target)));
        } else if (targets.isTextual() && !targets.asText().equals("all-linear")) {
            Pattern pattern = patterns.whole("target_modules", targets.asText());
            layers.stream()
                    .filter(layer -> !patterns.matches("target_modules", pattern, layer))
                    .forEach(layer -> LOG.warn("{}: target_modules does not match the adapted layer {}", file, layer));
        }
    }

    /** Removes a name and all that follows one of its dots: what names this layer in a list of target_modules. */
    private static void removeEndings(Set<String> targets, String layer) {
        for (int from = 0; from >= 0; from = layer.indexOf('.', from) < 0 ? -1 : layer.indexOf('.', from) + 1) {
            targets.remove(layer.substring(from));
        }
    }
}
