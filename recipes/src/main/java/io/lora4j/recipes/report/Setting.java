package io.lora4j.recipes.report;

import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.results.TrialRecord;
import io.lora4j.recipes.table.TableText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs whose trials may share a plot: one task, model, rank and budget, evaluated on the same.
 *
 * @param task the task's name
 * @param model the encoder's name
 * @param rank of the adapters
 * @param budget how long is trained, in words
 * @param evaluatedOn {@code dev} or {@code held-out}
 * @param number tells settings apart whose titles are the same; 0 where that is not needed
 * @param runs the runs
 */
record Setting(
        String task, String model, int rank, String budget, String evaluatedOn, int number, List<RunResults> runs) {
    /** More curves than this hide each other: then only every method's best rate is drawn. */
    private static final int MOST_CURVES = 10;

    Setting {
        runs = List.copyOf(runs);
    }

    /**
     * What a curve is of: the trials of a method at a rate, over seeds.
     *
     * @param name what the legend calls it
     * @param method the method's label
     * @param trials one per seed
     */
    record Row(String name, String method, List<TrialRecord> trials) {
        Row {
            trials = List.copyOf(trials);
        }

        /** The mean of a figure over the trials that have it. */
        OptionalDouble mean(String figure) {
            return trials.stream()
                    .map(TrialRecord::outcome)
                    .filter(outcome -> outcome != null && outcome.scores().containsKey(figure))
                    .mapToDouble(outcome -> outcome.scores().getOrDefault(figure, Double.NaN))
                    .average();
        }
    }

    /** Runs by setting, in the order in which settings first come. */
    static List<Setting> of(List<RunResults> runs) {
        Map<Map<String, Object>, List<RunResults>> groups = new LinkedHashMap<>();
        runs.forEach(run -> groups.computeIfAbsent(likeness(run.recipe()), unused -> new ArrayList<>())
                .add(run));
        List<Setting> settings = new ArrayList<>();
        for (List<RunResults> group : groups.values()) {
            RunResults first = group.get(0);
            Recipe recipe = first.recipe();
            Setting setting = new Setting(
                    recipe.task().name(),
                    shortName(first.provenance().model()),
                    recipe.adapter().rank(),
                    budget(recipe.train()),
                    recipe.data().evaluatedOn(),
                    0,
                    group);
            long before = settings.stream()
                    .filter(other -> other.withNumber(0).title().equals(setting.title()))
                    .count();
            settings.add(before == 0 ? setting : setting.withNumber((int) before + 1));
        }
        return settings;
    }

    /** A model from a folder is called by its path: the last part tells it. */
    private static String shortName(String model) {
        boolean path = model.startsWith("/") || model.contains("\\");
        return path ? model.substring(Math.max(model.lastIndexOf('/'), model.lastIndexOf('\\')) + 1) : model;
    }

    private static String budget(Recipe.TrainChoice train) {
        String length = train.steps() > 0
                ? train.steps() + " steps"
                : train.epochs() + (train.epochs() == 1 ? " epoch" : " epochs");
        return length + " of " + train.describeStep();
    }

    private Setting withNumber(int other) {
        return new Setting(task, model, rank, budget, evaluatedOn, other, runs);
    }

    /** What is the same in all runs of a setting: everything but methods, their rates, seeds, and what changes no result. */
    private static Map<String, Object> likeness(Recipe recipe) {
        Map<String, Object> map = new LinkedHashMap<>(recipe.toMap());
        map.keySet().removeAll(List.of("name", "description", "methods", "diagnostics", "eval"));
        map.put("evaluated", recipe.eval().each());
        Map<String, Object> train = section(map.get("train"));
        train.keySet().removeAll(List.of("seeds", "learning_rate", "micro_batch"));
        map.put("train", train);
        Map<String, Object> data = section(map.get("data"));
        data.remove("dir");
        map.put("data", data);
        return map;
    }

    private static Map<String, Object> section(@Nullable Object section) {
        Map<String, Object> copy = new LinkedHashMap<>();
        if (section instanceof Map<?, ?> keys) {
            keys.forEach((key, value) -> copy.put(String.valueOf(key), String.valueOf(value)));
        }
        return copy;
    }

    String title() {
        return task + ", " + model + ", rank " + rank + ", " + budget
                + (evaluatedOn.equals("dev") ? "" : ", " + evaluatedOn)
                + (number == 0 ? "" : " (" + number + ")");
    }

    /** For names of files and anchors. */
    String slug() {
        return title().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }

    /** Every method at every rate. */
    List<Row> rows() {
        Map<String, List<TrialRecord>> byRow = new LinkedHashMap<>();
        Map<String, String> methods = new LinkedHashMap<>();
        Map<String, Set<Double>> rates = new LinkedHashMap<>();
        for (TrialRecord trial : trials()) {
            Double rate = trial.learningRate();
            rates.computeIfAbsent(trial.label(), unused -> new LinkedHashSet<>())
                    .add(rate == null ? 0 : rate);
        }
        for (TrialRecord trial : trials()) {
            Double rate = trial.learningRate();
            boolean several = rates.getOrDefault(trial.label(), Set.of()).size() > 1;
            String name = trial.label() + (several && rate != null ? " " + TableText.shortest(rate) : "");
            byRow.computeIfAbsent(name, unused -> new ArrayList<>()).add(trial);
            methods.putIfAbsent(name, trial.label());
        }
        return byRow.entrySet().stream()
                .map(row -> new Row(row.getKey(), methods.getOrDefault(row.getKey(), row.getKey()), row.getValue()))
                .toList();
    }

    private List<TrialRecord> trials() {
        return runs.stream().flatMap(run -> run.trials().stream()).toList();
    }

    /** The rows that are drawn: all, or where they are many the best of every method. */
    List<Row> drawn() {
        List<Row> all = rows();
        return all.size() <= MOST_CURVES ? all : bestOfEachMethod();
    }

    /** Of every method the row with the best mean score; a method without any score is left out. */
    List<Row> bestOfEachMethod() {
        String figure = primaryFigure();
        Map<String, Row> best = new LinkedHashMap<>();
        for (Row row : rows()) {
            OptionalDouble mean = row.mean(figure);
            if (mean.isPresent()) {
                best.merge(
                        row.method(),
                        row,
                        (one, other) -> one.mean(figure).orElse(-2) >= mean.getAsDouble() ? one : other);
            }
        }
        return List.copyOf(best.values());
    }

    /** What methods are ordered by: the first figure that GLUE names for its task, as in tables; else accuracy, or Pearson's correlation. */
    String primaryFigure() {
        if (runs.get(0).recipe().task() instanceof Recipe.TaskChoice.Glue glue) {
            return glue.task().metrics().get(0).name().toLowerCase(Locale.ROOT);
        }
        boolean scores = trials().stream()
                .map(TrialRecord::outcome)
                .anyMatch(outcome -> outcome != null && outcome.scores().containsKey("pearson"));
        return scores ? "pearson" : "accuracy";
    }
}
