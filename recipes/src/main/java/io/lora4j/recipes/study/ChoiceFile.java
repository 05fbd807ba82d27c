package io.lora4j.recipes.study;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.recipes.Candidate;
import io.lora4j.recipes.Combination;
import io.lora4j.recipes.SearchedMethod;
import io.lora4j.recipes.run.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code choice.json}: once it is there the search is over, and is not looked at again. */
final class ChoiceFile {
    private static final String NAME = "choice.json";

    private final Path file;
    private final Combination combination;

    /**
     * @param folder the combination's folder
     */
    ChoiceFile(Path folder, Combination combination) {
        this.file = folder.resolve(NAME);
        this.combination = combination;
    }

    void write(Choice choice) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("rule", choice.rule());
        map.put("metric", choice.metric());
        map.put("fingerprint", fingerprint());
        List<Object> methods = new ArrayList<>();
        for (Choice.Chosen method : choice.methods()) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("label", method.label());
            each.put("chosen", candidate(method.best()));
            each.put(
                    "candidates",
                    method.candidates().stream().map(ChoiceFile::candidate).toList());
            methods.add(each);
        }
        map.put("methods", methods);
        Json.write(file, map);
    }

    private static Map<String, Object> candidate(Choice.Scored scored) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (!scored.candidate().grid().isEmpty()) {
            map.put("grid", scored.candidate().grid());
        }
        if (scored.rung() > 0) {
            map.put("learning_rate", scored.candidate().learningRate());
            map.put("rung", scored.rung());
        }
        map.put("status", scored.status());
        if (scored.score() != null && scored.loss() != null) {
            map.put("score", scored.score());
            map.put("loss", scored.loss());
        }
        if (!scored.trial().isEmpty()) {
            map.put("trial", scored.trial());
        }
        return map;
    }

    /** What the choice depends on beside the trials: which candidates, on what, by which budget. Places, names and the final seeds are not in it. */
    private String fingerprint() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("search", String.valueOf(combination.search()));
        for (SearchedMethod method : combination.methods()) {
            map.put(
                    "method " + method.label(),
                    method.candidates().stream()
                            .map(each -> List.of(
                                    each.settings().type().name(),
                                    each.settings().toMap(),
                                    each.gridText(),
                                    each.learningRate()))
                            .toList());
        }
        Map<String, Object> recipe = combination.recipe().withMethods(List.of()).toMap();
        for (String key : List.of("task", "adapter", "gradient")) {
            map.put(key, String.valueOf(recipe.get(key)));
        }
        map.put("train", combination.recipe().train().withSeeds(List.of()).toString());
        map.put("max_train_samples", String.valueOf(combination.recipe().data().maxTrainSamples()));
        map.put("max_eval_samples", String.valueOf(combination.recipe().data().maxEvalSamples()));
        map.put("pooling", combination.recipe().model().pooling().name());
        map.put("max_length", combination.recipe().model().maxLength());
        return Json.sha256(map);
    }

    /**
     * Reads the choice.
     *
     * @return null if the search is not over
     * @throws UserException if it is damaged, or of another search
     */
    @Nullable
    Choice read() {
        if (!Files.exists(file)) {
            return null;
        }
        JsonNode json = Json.read(file);
        if (!fingerprint().equals(json.path("fingerprint").asText())) {
            throw new UserException(
                    file + " is the choice of another search than the study's: start in a new folder, or remove it to"
                            + " search again (finished trials of the same settings are kept)");
        }
        List<Choice.Chosen> methods = new ArrayList<>();
        for (SearchedMethod method : combination.methods()) {
            methods.add(chosen(method, json.path("methods")));
        }
        return new Choice(json.path("rule").asText(), json.path("metric").asText(), methods);
    }

    private Choice.Chosen chosen(SearchedMethod method, JsonNode methods) {
        for (JsonNode each : methods) {
            if (each.path("label").asText().equals(method.label())) {
                List<Choice.Scored> candidates = new ArrayList<>();
                each.path("candidates").forEach(candidate -> candidates.add(scored(method, candidate)));
                if (!candidates.isEmpty()) {
                    return new Choice.Chosen(method.label(), candidates);
                }
            }
        }
        throw new FormatException(file, 0, "has no candidates of " + method.label());
    }

    private Choice.Scored scored(SearchedMethod method, JsonNode json) {
        Map<String, String> grid = new LinkedHashMap<>();
        json.path("grid")
                .properties()
                .forEach(entry -> grid.put(entry.getKey(), entry.getValue().asText()));
        double rate = json.path("learning_rate").asDouble();
        for (Candidate candidate : method.candidates()) {
            if (candidate.grid().equals(grid) && candidate.learningRate() == rate) {
                JsonNode score = json.path("score");
                JsonNode loss = json.path("loss");
                return new Choice.Scored(
                        candidate,
                        json.path("rung").asInt(),
                        score.isNumber() ? score.doubleValue() : null,
                        loss.isNumber() ? loss.doubleValue() : null,
                        json.path("status").asText(),
                        json.path("trial").asText());
            }
        }
        throw new FormatException(file, 0, "has a candidate of " + method.label() + " that the search has not");
    }
}
