package io.lora4j.recipes.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.error.FormatException;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.eval.RegressionMetrics;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.method.Preconditioning;
import io.lora4j.recipes.run.TrialResult.ChosenStep;
import io.lora4j.recipes.schema.Types;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a trial's {@code result.json}, as {@link Report} has written it. */
final class TrialResultFile {
    private final Path file;

    private TrialResultFile(Path file) {
        this.file = file;
    }

    /**
     * Reads a result.
     *
     * @param file a {@code result.json}
     * @param key the trial that it must be of
     * @return the result, or why there is none
     * @throws FormatException if the file is damaged, or of another trial
     */
    static TrialOutcome read(Path file, TrialKey key) {
        return new TrialResultFile(file).outcome(Json.read(file), key);
    }

    /**
     * What the result depends on.
     *
     * @return the fingerprint that {@link TrialFingerprint} gave the trial; null if the file has none
     */
    static @Nullable String fingerprint(Path file) {
        JsonNode value = Json.read(file).path(TrialFingerprint.KEY);
        return value.isTextual() ? value.textValue() : null;
    }

    private TrialOutcome outcome(JsonNode json, TrialKey key) {
        String status = text(json, "status");
        double rate = json.has("learning_rate") ? number(json, "learning_rate") : 0;
        TrialKey written = new TrialKey(text(json, "label"), rate, whole(json, "seed"));
        if (!written.equals(key)) {
            throw damaged("is the result of " + written + ", not of " + key);
        }
        if (!status.equals("done")) {
            return new FailedTrial(key, failure(status), text(json, "message"));
        }
        JsonNode loss = json.path("final_loss");
        JsonNode step = json.path("chosen_step");
        return new TrialResult(
                key,
                whole(json, "trainable_parameters"),
                metrics(json.path("dev")),
                otherDevs(json),
                whole(json, "steps"),
                loss.isNumber() ? loss.doubleValue() : null,
                number(json, "init_seconds"),
                number(json, "train_seconds"),
                number(json, "eval_seconds"),
                whole(json, "peak_bytes"),
                step.isObject() ? new ChosenStep(number(step, "step_size"), number(step, "gradient_loss")) : null,
                setup(json));
    }

    private FailedTrial.Status failure(String status) {
        for (FailedTrial.Status known : FailedTrial.Status.values()) {
            if (Types.name(known).equals(status)) {
                return known;
            }
        }
        throw damaged("has the unknown status \"" + status + "\"");
    }

    private Map<String, TaskMetrics> otherDevs(JsonNode json) {
        Map<String, TaskMetrics> others = new LinkedHashMap<>();
        json.fieldNames().forEachRemaining(key -> {
            if (key.startsWith(TrialDirectory.OTHER_DEV)) {
                others.put(key.substring(TrialDirectory.OTHER_DEV.length()), metrics(json.path(key)));
            }
        });
        return others;
    }

    private TaskMetrics metrics(JsonNode json) {
        if (json.has("pearson")) {
            return new RegressionMetrics(
                    (int) whole(json, "examples"),
                    number(json, "pearson"),
                    number(json, "spearman"),
                    number(json, "loss"));
        }
        return new ClassificationMetrics(
                (int) whole(json, "examples"),
                number(json, "accuracy"),
                number(json, "f1"),
                number(json, "matthews"),
                number(json, "loss"));
    }

    private TrialSetup setup(JsonNode json) {
        List<TrainedGroup> groups = new ArrayList<>();
        for (JsonNode group : json.path("parameter_groups")) {
            List<TrainedGroup.Tensors> tensors = new ArrayList<>();
            for (JsonNode each : group.path("tensors")) {
                tensors.add(new TrainedGroup.Tensors(
                        text(each, "kind"), (int) whole(each, "count"), whole(each, "scalars")));
            }
            groups.add(new TrainedGroup(
                    text(group, "optimizer"), number(group, "learning_rate"), number(group, "weight_decay"), tensors));
        }
        boolean factors = json.has("factor_pairs");
        // The preconditioner is in the recipe: results do not repeat it.
        return new TrialSetup(
                groups,
                Preconditioning.NONE,
                factors ? (int) whole(json, "factor_pairs") : 0,
                factors ? (int) whole(json, "dead_pairs") : 0);
    }

    private double number(JsonNode json, String key) {
        JsonNode value = json.path(key);
        if (!value.isNumber()) {
            throw damaged("has no number \"" + key + "\"");
        }
        return value.doubleValue();
    }

    private long whole(JsonNode json, String key) {
        JsonNode value = json.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw damaged("has no whole number \"" + key + "\"");
        }
        return value.longValue();
    }

    private String text(JsonNode json, String key) {
        JsonNode value = json.path(key);
        if (!value.isTextual()) {
            throw damaged("has no text \"" + key + "\"");
        }
        return value.textValue();
    }

    private FormatException damaged(String what) {
        return new FormatException(file, 0, what);
    }
}
