package io.lora4j.recipes.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.error.FormatException;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.eval.RegressionMetrics;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.method.Preconditioning;
import io.lora4j.recipes.run.TrialResult.ChosenStep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a finished trial's {@code result.json}, as {@link Report#trial} has written it. */
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
     * @return the result; null if the trial did not come to its end
     * @throws FormatException if the file is damaged, or of another trial
     */
    static @Nullable TrialResult read(Path file, TrialKey key) {
        return new TrialResultFile(file).result(Json.read(file), key);
    }

    private @Nullable TrialResult result(JsonNode json, TrialKey key) {
        if (!text(json, "status").equals("done")) {
            return null;
        }
        double rate = json.has("learning_rate") ? number(json, "learning_rate") : 0;
        TrialKey written = new TrialKey(text(json, "label"), rate, whole(json, "seed"));
        if (!written.equals(key)) {
            throw damaged("is the result of " + written + ", not of " + key);
        }
        JsonNode loss = json.path("final_loss");
        JsonNode step = json.path("chosen_step");
        return new TrialResult(
                key,
                whole(json, "trainable_parameters"),
                metrics(json.path("dev")),
                whole(json, "steps"),
                loss.isNumber() ? loss.doubleValue() : null,
                number(json, "init_seconds"),
                number(json, "train_seconds"),
                number(json, "eval_seconds"),
                whole(json, "peak_bytes"),
                step.isObject() ? new ChosenStep(number(step, "step_size"), number(step, "gradient_loss")) : null,
                setup(json));
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
