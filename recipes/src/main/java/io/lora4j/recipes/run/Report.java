package io.lora4j.recipes.run;

import io.lora4j.error.DivergedException;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.results.EvaluationPoint;
import io.lora4j.recipes.schema.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Trials as JSON: what was run, then what came of it. */
final class Report {
    private Report() {}

    /** A trial with a result, and what its folder tells besides: the results are kept where adapters and curves are not. */
    static Map<String, Object> trial(Recipe.MethodChoice method, TrialResult result, TrialDirectory folder) {
        Map<String, Object> map = trial(method, result);
        Long bytes = folder.adapterBytes();
        if (bytes != null) {
            map.put("adapter_bytes", bytes);
        }
        List<Map<String, Object>> evaluations = new ArrayList<>();
        for (EvaluationPoint point : folder.evaluations(result)) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("step", point.step());
            each.put("seconds", point.seconds());
            each.putAll(point.scores());
            each.put("loss", point.loss());
            evaluations.add(each);
        }
        map.put("evaluations", evaluations);
        return map;
    }

    private static Map<String, Object> trial(Recipe.MethodChoice method, TrialResult result) {
        Map<String, Object> map = head("done", method, result.key());
        map.put("trainable_parameters", result.trainableParameters());
        map.put("dev", result.dev());
        result.otherDevs().forEach((name, scores) -> map.put(TrialDirectory.OTHER_DEV + name, scores));
        map.put("steps", result.steps());
        map.put("final_loss", result.finalLoss());
        if (result.chosenStep() != null) {
            map.put("chosen_step", result.chosenStep());
        }
        TrialSetup setup = result.setup();
        if (!setup.groups().isEmpty()) {
            map.put("parameter_groups", setup.groups());
        }
        if (setup.factorPairs() > 0) {
            map.put("factor_pairs", setup.factorPairs());
            map.put("dead_pairs", setup.deadPairs());
        }
        map.put("init_seconds", result.initSeconds());
        map.put("train_seconds", result.trainSeconds());
        map.put("eval_seconds", result.evalSeconds());
        map.put("peak_bytes", result.peakBytes());
        return map;
    }

    static Map<String, Object> diverged(Recipe.MethodChoice method, TrialKey key, DivergedException e) {
        Map<String, Object> map = head(Types.name(FailedTrial.Status.DIVERGED), method, key);
        map.put("layer", e.layer());
        map.put("step", e.step());
        map.put("message", e.getMessage());
        return map;
    }

    static Map<String, Object> failed(Recipe.MethodChoice method, FailedTrial failed) {
        Map<String, Object> map = head(Types.name(failed.status()), method, failed.key());
        map.put("message", failed.message());
        return map;
    }

    /** All trials: those with a result, then those without. */
    static List<Map<String, Object>> trials(Recipe recipe, List<TrialResult> results, List<FailedTrial> failures) {
        List<Map<String, Object>> all = new ArrayList<>();
        results.forEach(result -> all.add(trial(methodOf(recipe, result.key()), result)));
        failures.forEach(failed -> all.add(failed(methodOf(recipe, failed.key()), failed)));
        return all;
    }

    private static Recipe.MethodChoice methodOf(Recipe recipe, TrialKey key) {
        return recipe.methods().stream()
                .filter(method -> method.label().equals(key.method()))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, Object> head(String status, Recipe.MethodChoice method, TrialKey key) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("status", status);
        map.put("label", method.label());
        map.put("method", method.settings().type().name());
        map.put("settings", method.settings().toMap());
        if (key.hasRate()) {
            map.put("learning_rate", key.learningRate());
        }
        map.put("seed", key.seed());
        return map;
    }
}
