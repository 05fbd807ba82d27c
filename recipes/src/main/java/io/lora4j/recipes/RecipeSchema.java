package io.lora4j.recipes;

import io.lora4j.adapter.Scaling;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Type;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The closed schema of a recipe, as data: every key with its type, its default and what it does. */
final class RecipeSchema {
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    static final String ALL_LINEAR = "all-linear";
    private static final Pattern TARGET = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");

    private static final Key<String> RECIPE_NAME = Key.required(
            "name",
            Types.text("a name of up to 64 letters, digits, '.', '_' and '-'", NAME),
            "what run directories are called after; without it, the file's name");
    private static final Key<String> DESCRIPTION =
            Key.withDefault("description", Types.text(), "", "one line for listings");

    private static final Key<String> MODEL_NAME =
            Key.required("name", new ModelNameType(), "a known encoder, or a Hugging Face folder");
    private static final Key<Pooling> POOLING = Key.withDefault(
            "pooling",
            Types.oneOf("pooling", Types.names(Pooling.values())),
            Pooling.CLS,
            "what the classifier sees: the first token through the model's own head, the first token as it is, or the mean over"
                    + " all tokens");
    private static final Key<Long> MAX_LENGTH = Key.withDefault(
            "max_length", Types.integer(3, 4096), 128L, "most tokens of an example, special ones included");
    private static final Section<Recipe.ModelChoice> MODEL = new Section<>(
            "model",
            List.of(MODEL_NAME, POOLING, MAX_LENGTH),
            MODEL_NAME,
            (values, problems) -> new Recipe.ModelChoice(
                    values.get(MODEL_NAME),
                    values.get(POOLING),
                    values.get(MAX_LENGTH).intValue()));

    private static final Type<Long> COUNT = Types.integer(1, Integer.MAX_VALUE);

    private static final Key<Path> DATA_DIR =
            Key.optional("dir", Types.path(), "the folder that holds the task's files; GLUE's has one folder per task");
    private static final Key<Long> MAX_TRAIN =
            Key.optional("max_train_samples", COUNT, "use only that many training examples, the first of the file");
    private static final Key<Long> MAX_EVAL =
            Key.optional("max_eval_samples", COUNT, "use only that many dev examples, the first of the file");
    private static final Key<Double> HOLDOUT = Key.withDefault(
            "holdout",
            Types.fraction(),
            0.0,
            "share of the training set to evaluate on in place of the dev set, to choose settings by; 0: the dev set");
    private static final Section<Recipe.DataChoice> DATA = Section.of(
            "data",
            List.of(DATA_DIR, MAX_TRAIN, MAX_EVAL, HOLDOUT),
            (values, problems) -> new Recipe.DataChoice(
                    values.find(DATA_DIR),
                    toInt(values.find(MAX_TRAIN)),
                    toInt(values.find(MAX_EVAL)),
                    values.get(HOLDOUT)));

    private static final Key<Long> RANK = Key.withDefault(
            "rank", Types.integer(1, 4096), 8L, "r; at most the smaller side of the smallest adapted matrix");
    private static final Key<Double> ALPHA =
            Key.withDefault("alpha", Types.above(0), 16.0, "the scaling's numerator; usually twice the rank");
    private static final Key<Scaling> SCALING = Key.withDefault(
            "scaling",
            Types.oneOf("scaling", Types.names(Scaling.values())),
            Scaling.STANDARD,
            "standard: alpha / r; rslora: alpha / sqrt(r); a method's own scaling goes first");
    private static final Key<Double> ADAPTER_DROPOUT = Key.withDefault(
            "dropout", Types.fraction(), 0.0, "probability with which an input of A is zeroed in training");
    private static final Key<List<String>> TARGETS = Key.withDefault(
            "targets",
            Types.oneOrMore(Types.text("the name of a linear map, without spaces", TARGET)),
            List.of(ALL_LINEAR),
            ALL_LINEAR + ": the six linear maps of every layer, without the pooler; or names, e.g. [query, value]");
    private static final Section<Recipe.AdapterChoice> ADAPTER =
            Section.of("adapter", List.of(RANK, ALPHA, SCALING, ADAPTER_DROPOUT, TARGETS), RecipeSchema::adapter);

    private static final Key<Long> EXAMPLES =
            Key.withDefault("examples", COUNT, 256L, "training examples of the estimate; at least twice the rank");
    private static final Key<Recipe.Sample> SAMPLE = Key.withDefault(
            "sample",
            Types.oneOf("sample", Types.names(Recipe.Sample.values())),
            Recipe.Sample.RANDOM,
            "random: drawn by the run's seed; first: the first of the file, as the papers' authors do");
    private static final Key<Long> CHUNK = Key.withDefault("chunk", COUNT, 32L, "most examples at once");
    private static final Key<Boolean> GRADIENT_DROPOUT =
            Key.withDefault("dropout", Types.bool(), true, "whether dropout is active, as in the papers' codes");
    private static final Key<Recipe.Accumulation> ACCUMULATION = Key.withDefault(
            "accumulation",
            Types.oneOf("data type", Types.names(Recipe.Accumulation.values())),
            Recipe.Accumulation.FLOAT32,
            "data type of the sums");
    private static final Key<Long> HEAD_WARMUP = Key.withDefault(
            "head_warmup_steps",
            Types.integer(0, Integer.MAX_VALUE),
            0L,
            "steps for which the classifier alone is trained before the estimate");
    private static final Section<Recipe.GradientChoice> GRADIENT = Section.of(
            "gradient",
            List.of(EXAMPLES, SAMPLE, CHUNK, GRADIENT_DROPOUT, ACCUMULATION, HEAD_WARMUP),
            (values, problems) -> new Recipe.GradientChoice(
                    values.get(EXAMPLES).intValue(),
                    values.get(SAMPLE),
                    values.get(CHUNK).intValue(),
                    values.get(GRADIENT_DROPOUT),
                    values.get(ACCUMULATION),
                    values.get(HEAD_WARMUP).intValue()));

    private static final Key<Recipe.Each> EACH = Key.withDefault(
            "each", Types.oneOf("moment", Types.names(Recipe.Each.values())), Recipe.Each.EPOCH, "when: epoch or end");
    private static final Key<Long> EVAL_BATCH =
            Key.optional("batch", COUNT, "most examples at once; as many as eval.tokens allows if not given");
    private static final Key<Long> EVAL_TOKENS =
            Key.withDefault("tokens", COUNT, 2048L, "most tokens at once; changes time and memory, no result");
    private static final Section<Recipe.EvalChoice> EVAL = Section.of(
            "eval",
            List.of(EACH, EVAL_BATCH, EVAL_TOKENS),
            (values, problems) -> new Recipe.EvalChoice(
                    values.get(EACH),
                    toInt(values.find(EVAL_BATCH)),
                    values.get(EVAL_TOKENS).intValue()));

    private static final Key<Long> ANGLES_EVERY = Key.withDefault(
            "angles_every",
            Types.integer(0, Integer.MAX_VALUE),
            0L,
            "optimiser steps between two looks at the angles between adapters and gradients; 0: none");
    private static final Key<Long> SINGULAR_VALUES = Key.withDefault(
            "singular_values",
            Types.integer(0, 65_536),
            0L,
            "most singular values to keep of each layer's gradient, with its effective rank; 0: none");
    private static final Section<Recipe.DiagnosticsChoice> DIAGNOSTICS = Section.of(
            "diagnostics",
            List.of(ANGLES_EVERY, SINGULAR_VALUES),
            (values, problems) -> new Recipe.DiagnosticsChoice(
                    values.get(ANGLES_EVERY).intValue(),
                    values.get(SINGULAR_VALUES).intValue()));

    private static final Key<Recipe.ModelChoice> MODEL_KEY = Key.required("model", MODEL, "the encoder");
    private static final Key<Recipe.TaskChoice> TASK_KEY = Key.required("task", new TaskType(), "what is learnt");
    private static final Key<Recipe.DataChoice> DATA_KEY = Key.optional("data", DATA, "the task's files");
    private static final Key<List<MethodEntry>> METHODS_KEY =
            Key.required("methods", Types.oneOrMore(new MethodEntryType()), "what is compared");
    private static final Key<Recipe.AdapterChoice> ADAPTER_KEY =
            Key.optional("adapter", ADAPTER, "where adapters go and how large they are");
    private static final Key<Recipe.GradientChoice> GRADIENT_KEY =
            Key.optional("gradient", GRADIENT, "how gradients are estimated for methods that start from one");
    private static final Key<Recipe.TrainChoice> TRAIN_KEY =
            Key.optional("train", TrainSection.TYPE, "the budget, shared by all methods");
    private static final Key<Recipe.EvalChoice> EVAL_KEY =
            Key.optional("eval", EVAL, "when and how the dev set is looked at");
    private static final Key<Recipe.DiagnosticsChoice> DIAGNOSTICS_KEY = Key.optional(
            "diagnostics", DIAGNOSTICS, "what to write down of gradients and adapters; costs time, changes no result");

    /** What is chosen by a search instead of being written. */
    static final Key<SearchChoice> SEARCH_KEY = Key.optional(
            "search",
            SearchSection.TYPE,
            "chooses rates and grids of all methods on a held-out part of the training set");

    /** What is varied from comparison to comparison. */
    static final Key<List<SweepType.Axis>> SWEEP_KEY = Key.optional(
            "sweep", new SweepType(), "keys with lists of values: every combination is a comparison of its own");

    private static final List<Key<?>> KEYS = List.of(
            RECIPE_NAME,
            DESCRIPTION,
            MODEL_KEY,
            TASK_KEY,
            DATA_KEY,
            METHODS_KEY,
            ADAPTER_KEY,
            GRADIENT_KEY,
            TRAIN_KEY,
            EVAL_KEY,
            DIAGNOSTICS_KEY);

    /** The schema of a single comparison. */
    static final Section<Recipe> ROOT =
            Section.of("a recipe", KEYS, RecipeSchema::plain).checking(RecipeSchema::check);

    /** The schema of a study. */
    static final Section<Combination> STUDY = Section.of(
                    "a recipe",
                    Stream.<Key<?>>concat(KEYS.stream(), Stream.<Key<?>>of(SEARCH_KEY, SWEEP_KEY))
                            .toList(),
                    RecipeSchema::combination)
            .checking(RecipeSchema::checkStudy);

    private RecipeSchema() {}

    private static @Nullable Integer toInt(@Nullable Long value) {
        return value == null ? null : Math.toIntExact(value);
    }

    private static Recipe.@Nullable AdapterChoice adapter(Values values, Problems problems) {
        List<String> targets = values.get(TARGETS);
        boolean all = targets.contains(ALL_LINEAR);
        if (all && targets.size() > 1) {
            problems.add(
                    values.origin(TARGETS),
                    values.path(TARGETS) + ": \"" + ALL_LINEAR + "\" stands alone; remove it or the other names");
            return null;
        }
        return new Recipe.AdapterChoice(
                values.get(RANK).intValue(),
                values.get(ALPHA),
                values.get(SCALING),
                values.get(ADAPTER_DROPOUT),
                all ? List.of() : targets);
    }

    /** What lies between sections, as far as those are right: one that is wrong was read to nothing. */
    private static void check(Values values, Problems problems) {
        checkGradient(values, problems);
        Recipe.TrainChoice train = values.find(TRAIN_KEY);
        Recipe.AdapterChoice adapter = values.find(ADAPTER_KEY);
        List<MethodEntry> methods = values.find(METHODS_KEY);
        if (methods != null && adapter != null && train != null) {
            MethodEntry.complete(methods, adapter.rank(), train, problems);
        } else if (methods != null) {
            checkMethods(methods, adapter, problems);
        }
    }

    private static void checkGradient(Values values, Problems problems) {
        Recipe.AdapterChoice adapter = values.find(ADAPTER_KEY);
        Recipe.GradientChoice gradient = values.find(GRADIENT_KEY);
        if (adapter != null && gradient != null && gradient.examples() < 2 * adapter.rank()) {
            problems.add(
                    values.origin(GRADIENT_KEY),
                    "gradient.examples must be at least twice the rank (2 x " + adapter.rank() + " = "
                            + 2 * adapter.rank() + "), not " + gradient.examples()
                            + ": fewer examples give a gradient of too low a rank");
        }
    }

    /** With an even rank that all methods take where the rank is wrong: labels are told, and a rank that is wrong is not told twice. */
    private static void checkMethods(
            List<MethodEntry> methods, Recipe.@Nullable AdapterChoice adapter, Problems problems) {
        MethodEntry.ordered(methods, adapter == null ? 2 : adapter.rank(), problems);
    }

    /** The same for a study: with a search, rates and grids are its candidates. */
    private static void checkStudy(Values values, Problems problems) {
        if (values.origin(SEARCH_KEY).equals(values.origin())) {
            check(values, problems); // no search was written
            return;
        }
        checkGradient(values, problems);
        Recipe.DataChoice data = values.find(DATA_KEY);
        if (data != null && data.holdout() > 0) {
            problems.add(
                    values.origin(DATA_KEY),
                    "data.holdout and search exclude each other: search.holdout says what is held out; remove the former");
        }
        SearchChoice search = values.find(SEARCH_KEY);
        Recipe.AdapterChoice adapter = values.find(ADAPTER_KEY);
        List<MethodEntry> methods = values.find(METHODS_KEY);
        if (methods != null && adapter != null && search != null) {
            MethodEntry.searched(methods, adapter.rank(), search, problems);
        } else if (methods != null) {
            checkMethods(methods, adapter, problems);
        }
    }

    private static Recipe plain(Values values, Problems problems) {
        List<Recipe.MethodChoice> methods = MethodEntry.complete(
                values.get(METHODS_KEY), values.get(ADAPTER_KEY).rank(), values.get(TRAIN_KEY), problems);
        return recipe(values, methods);
    }

    private static Combination combination(Values values, Problems problems) {
        SearchChoice search = values.find(SEARCH_KEY);
        if (search == null) {
            return new Combination("", Map.of(), plain(values, problems), null, List.of());
        }
        List<SearchedMethod> methods = MethodEntry.searched(
                values.get(METHODS_KEY), values.get(ADAPTER_KEY).rank(), search, problems);
        List<Recipe.MethodChoice> first = methods.stream()
                .map(method -> new Recipe.MethodChoice(
                        method.label(),
                        method.candidates().get(0).settings(),
                        List.of(method.candidates().get(0).learningRate())))
                .toList();
        return new Combination("", Map.of(), recipe(values, first), search, methods);
    }

    private static Recipe recipe(Values values, List<Recipe.MethodChoice> methods) {
        Recipe.TaskChoice task = values.get(TASK_KEY);
        Recipe.DataChoice data = values.get(DATA_KEY);
        if (task instanceof Recipe.TaskChoice.OwnFiles && data.dir() == null) {
            // Files named in a recipe lie beside it unless data.dir says otherwise.
            data = new Recipe.DataChoice(
                    values.origin(TASK_KEY).base(), data.maxTrainSamples(), data.maxEvalSamples(), data.holdout());
        }
        return new Recipe(
                values.get(RECIPE_NAME),
                values.get(DESCRIPTION),
                values.get(MODEL_KEY),
                task,
                data,
                methods,
                values.get(ADAPTER_KEY),
                values.get(GRADIENT_KEY),
                values.get(TRAIN_KEY),
                values.get(EVAL_KEY),
                values.get(DIAGNOSTICS_KEY));
    }
}
