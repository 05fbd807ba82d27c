package io.lora4j.recipes.results;

import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.comparability.Aspect;
import io.lora4j.recipes.comparability.ResultIdentity;
import io.lora4j.recipes.method.HeadOnlySettings;
import io.lora4j.recipes.schema.Types;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a run's results depend on beside the method, by aspect. Facts of the recipe are called by their keys. What changes no result but for rounding
 * (micro-batches, the evaluation's batches) is none, nor is what belongs to methods (ranks, targets, rates themselves).
 */
public final class RunIdentity {
    /** Enough of a checksum to tell files apart, few enough to read. */
    private static final int CHECKSUM_DIGITS = 12;

    private static final String CHOICE = "choice.json";
    private static final String NOT_TRIED = "not tried";

    private RunIdentity() {}

    /**
     * The facts of a run. Those of the search before it, if it is a study's final run, are read from the {@code choice.json} beside it.
     *
     * @param run the run
     * @return its facts, named after its folder
     * @throws io.lora4j.error.FormatException if the choice is damaged
     */
    public static ResultIdentity of(RunResults run) {
        Map<Aspect, SortedMap<String, String>> facts = new EnumMap<>(Aspect.class);
        facts.put(Aspect.DATA, data(run));
        facts.put(Aspect.MODEL, model(run));
        facts.put(Aspect.BUDGET, budget(run));
        facts.put(Aspect.CODE, code(run.provenance()));
        return new ResultIdentity(run.folder().toString(), facts);
    }

    private static SortedMap<String, String> data(RunResults run) {
        SortedMap<String, String> facts = new TreeMap<>();
        RunProvenance provenance = run.provenance();
        Recipe.DataChoice data = run.recipe().data();
        facts.put("task", provenance.task());
        provenance.dataSha256().forEach((file, sha256) -> facts.put(file, digits(sha256)));
        facts.put("training examples", Integer.toString(provenance.trainExamples()));
        facts.put(
                data.holdout() > 0 ? "held-out examples" : "dev examples", Integer.toString(provenance.devExamples()));
        if (data.holdout() > 0) {
            facts.put("data.holdout", Double.toString(data.holdout()));
        }
        return facts;
    }

    private static SortedMap<String, String> model(RunResults run) {
        SortedMap<String, String> facts = new TreeMap<>();
        facts.put("weights", digits(run.provenance().modelSha256()));
        facts.put("tokenizer", digits(run.provenance().tokenizerSha256()));
        facts.put("model.pooling", Types.name(run.recipe().model().pooling()));
        facts.put("model.max_length", Integer.toString(run.recipe().model().maxLength()));
        return facts;
    }

    private static SortedMap<String, String> budget(RunResults run) {
        Recipe recipe = run.recipe();
        SortedMap<String, String> facts = new TreeMap<>();
        Path choice = run.folder().toAbsolutePath().resolveSibling(CHOICE);
        if (Files.isRegularFile(choice)) {
            Fields search = Fields.read(choice);
            facts.put("rule of selection", search.text("rule"));
            facts.put("candidates per method", candidates(search));
        }
        Object train = recipe.toMap().get("train");
        if (train instanceof Map<?, ?> keys) {
            keys.forEach((key, value) -> facts.put("train." + key, String.valueOf(value)));
        }
        facts.remove("train.learning_rate");
        facts.remove("train.micro_batch");
        facts.put("learning rates per method", rates(recipe.methods()));
        return facts;
    }

    /** How many candidates of each method were tried; one that had no other was not. */
    private static String candidates(Fields search) {
        return search.objects("methods").stream()
                .map(method -> method.objects("candidates").stream()
                        .filter(candidate -> !candidate.text("status").equals(NOT_TRIED))
                        .count())
                .filter(tried -> tried > 0)
                .distinct()
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining(" or "));
    }

    /** How many rates the methods have: one number where all have as many, as they should. */
    private static String rates(List<Recipe.MethodChoice> methods) {
        return methods.stream()
                .filter(method ->
                        method.settings().takesLearningRate() && !(method.settings() instanceof HeadOnlySettings))
                .map(method -> method.learningRates().size())
                .distinct()
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining(" or "));
    }

    private static SortedMap<String, String> code(RunProvenance provenance) {
        SortedMap<String, String> facts = new TreeMap<>();
        provenance.program().forEach((name, value) -> facts.put(name, name.equals("commit") ? digits(value) : value));
        Map<String, String> libraries = new LinkedHashMap<>(provenance.libraries());
        libraries.remove("java");
        libraries.remove("blas.threads");
        libraries.remove("blas.core");
        facts.putAll(libraries);
        return facts;
    }

    private static String digits(String sha256) {
        boolean dirty = sha256.endsWith("-dirty");
        return sha256.length() <= CHECKSUM_DIGITS
                ? sha256
                : sha256.substring(0, CHECKSUM_DIGITS) + (dirty ? "-dirty" : "");
    }
}
