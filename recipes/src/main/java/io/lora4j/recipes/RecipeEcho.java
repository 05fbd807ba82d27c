package io.lora4j.recipes;

import io.lora4j.datasets.Column;
import io.lora4j.datasets.Targets;
import io.lora4j.datasets.TaskSpec;
import io.lora4j.recipes.schema.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** A recipe written out again, every default filled in. */
final class RecipeEcho {
    private RecipeEcho() {}

    static String toYaml(Recipe recipe) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setWidth(1000)
                .build();
        return new Dump(settings).dumpToString(toMap(recipe));
    }

    static Map<String, Object> toMap(Recipe recipe) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", recipe.name());
        if (!recipe.description().isEmpty()) {
            map.put("description", recipe.description());
        }
        map.put("model", model(recipe.model()));
        map.put("task", task(recipe.task()));
        put(map, "data", data(recipe.data()));
        map.put("methods", recipe.methods().stream().map(RecipeEcho::method).toList());
        map.put("adapter", adapter(recipe.adapter()));
        map.put("gradient", gradient(recipe.gradient()));
        map.put("train", train(recipe.train()));
        Map<String, Object> eval = new LinkedHashMap<>();
        eval.put("each", Types.name(recipe.eval().each()));
        put(eval, "batch", recipe.eval().batch());
        eval.put("tokens", recipe.eval().tokens());
        map.put("eval", eval);
        if (!recipe.diagnostics().equals(Recipe.DiagnosticsChoice.NONE)) {
            map.put("diagnostics", diagnostics(recipe.diagnostics()));
        }
        return map;
    }

    private static Map<String, Object> model(Recipe.ModelChoice model) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", model.name());
        map.put("pooling", Types.name(model.pooling()));
        map.put("max_length", model.maxLength());
        return map;
    }

    private static Object task(Recipe.TaskChoice task) {
        if (!(task instanceof Recipe.TaskChoice.OwnFiles own)) {
            return task.name();
        }
        TaskSpec spec = own.spec();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", spec.name());
        map.put("format", Types.name(spec.format()));
        map.put("train", spec.trainFile());
        map.put("dev", spec.devFile());
        map.put("header", spec.header());
        List<Object> text = new ArrayList<>();
        text.add(column(spec.textA()));
        if (spec.textB() != null) {
            text.add(column(spec.textB()));
        }
        map.put("text", text);
        map.put("label", column(spec.label()));
        if (spec.targets() instanceof Targets.Scores scores) {
            map.put("scores", List.of(scores.least(), scores.greatest()));
        } else {
            map.put("labels", spec.labels());
        }
        return map;
    }

    private static Object column(Column column) {
        String name = column.name();
        return name == null ? column.index() : name;
    }

    private static @Nullable Map<String, Object> data(Recipe.DataChoice data) {
        Map<String, Object> map = new LinkedHashMap<>();
        put(map, "dir", data.dir() == null ? null : data.dir().toString());
        put(map, "max_train_samples", data.maxTrainSamples());
        put(map, "max_eval_samples", data.maxEvalSamples());
        put(map, "holdout", data.holdout() == 0 ? null : data.holdout());
        return map.isEmpty() ? null : map;
    }

    private static Map<String, Object> method(Recipe.MethodChoice method) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", method.settings().type().name());
        map.put("label", method.label());
        if (method.settings().takesLearningRate()) {
            map.put("learning_rate", method.learningRates());
        }
        map.putAll(method.settings().toMap());
        return map;
    }

    private static Map<String, Object> adapter(Recipe.AdapterChoice adapter) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("rank", adapter.rank());
        map.put("alpha", adapter.alpha());
        map.put("scaling", Types.name(adapter.scaling()));
        map.put("dropout", adapter.dropout());
        map.put("targets", adapter.targets().isEmpty() ? RecipeSchema.ALL_LINEAR : adapter.targets());
        return map;
    }

    private static Map<String, Object> gradient(Recipe.GradientChoice gradient) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("examples", gradient.examples());
        map.put("sample", Types.name(gradient.sample()));
        map.put("chunk", gradient.chunk());
        map.put("dropout", gradient.dropout());
        map.put("accumulation", Types.name(gradient.accumulation()));
        map.put("head_warmup_steps", gradient.headWarmupSteps());
        return map;
    }

    private static Map<String, Object> train(Recipe.TrainChoice train) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (!train.learningRates().isEmpty()) {
            map.put("learning_rate", train.learningRates());
        }
        if (train.steps() > 0) {
            map.put("steps", train.steps());
        } else {
            map.put("epochs", train.epochs());
        }
        if (train.tokens() > 0) {
            map.put("tokens", train.tokens());
        } else {
            map.put("batch", train.batch());
            map.put("micro_batch", train.microBatch());
        }
        map.put("length_group", train.lengthGroup());
        map.put("schedule", Types.name(train.schedule()));
        Long warmupSteps = train.warmupSteps();
        if (warmupSteps != null) {
            map.put("warmup_steps", warmupSteps);
        } else {
            map.put("warmup_ratio", train.warmupRatio());
        }
        map.put("weight_decay", train.weightDecay());
        map.put("max_grad_norm", train.maxGradNorm());
        put(map, "dropout", train.dropout());
        map.put("seeds", train.seeds());
        return map;
    }

    private static Map<String, Object> diagnostics(Recipe.DiagnosticsChoice diagnostics) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("angles_every", diagnostics.anglesEvery());
        map.put("singular_values", diagnostics.singularValues());
        return map;
    }

    private static void put(Map<String, Object> map, String key, @Nullable Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }
}
