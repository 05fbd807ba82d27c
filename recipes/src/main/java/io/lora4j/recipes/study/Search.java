package io.lora4j.recipes.study;

import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.Candidate;
import io.lora4j.recipes.Combination;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.SearchChoice;
import io.lora4j.recipes.SearchedMethod;
import io.lora4j.recipes.run.ComparisonResult;
import io.lora4j.recipes.run.FailedTrial;
import io.lora4j.recipes.run.TrialKey;
import io.lora4j.recipes.run.TrialResult;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.table.TableText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;

/** A search: one comparison of all candidates, or with halving one per round, and the choice among them. */
final class Search {
    private final Combination combination;
    private final SearchChoice search;

    /**
     * @param combination one with a search
     */
    Search(Combination combination) {
        this.combination = combination;
        this.search = Objects.requireNonNull(combination.search(), "a search");
    }

    /** The run directories within the combination's folder, in order. */
    List<String> folders() {
        int rungs = search.rungs().size();
        if (search.strategy() == SearchChoice.Strategy.GRID || rungs == 1) {
            return List.of("search");
        }
        List<String> folders = new ArrayList<>();
        for (int rung = 1; rung <= rungs; rung++) {
            folders.add("search/rung-" + rung);
        }
        return folders;
    }

    private List<SearchedMethod> searched() {
        return combination.methods().stream().filter(SearchedMethod::searched).toList();
    }

    /**
     * Runs all rounds.
     *
     * @param run runs a recipe in a folder of the combination, or goes on there
     * @param stepsOf optimiser steps of a recipe's trials; only asked where trials are shorter than the recipe says
     */
    Choice run(BiFunction<String, Recipe, ComparisonResult> run, ToLongFunction<Recipe> stepsOf) {
        Map<String, List<Candidate>> left = new LinkedHashMap<>();
        searched().forEach(method -> left.put(method.label(), method.candidates()));
        Map<String, Map<Candidate, Choice.Scored>> byMethod = new LinkedHashMap<>();
        searched().forEach(method -> byMethod.put(method.label(), new LinkedHashMap<>()));
        List<SearchChoice.Rung> rungs = search.rungs();
        for (int rung = 0; rung < rungs.size(); rung++) {
            Recipe recipe = recipe(left);
            if (rungs.get(rung).share() < 1) {
                long steps = rungs.get(rung).steps(stepsOf.applyAsLong(recipe));
                recipe = recipe.withTrain(recipe.train().withBudget(0, steps));
            }
            String folder = folders().get(rung);
            ComparisonResult result = run.apply(folder, recipe);
            int keep = rung + 1 < rungs.size() ? rungs.get(rung + 1).candidates() : 0;
            for (Map.Entry<String, List<Candidate>> method : left.entrySet()) {
                Map<Candidate, Choice.Scored> known = Objects.requireNonNull(byMethod.get(method.getKey()));
                for (Candidate candidate : method.getValue()) {
                    known.put(candidate, scored(method.getKey(), candidate, rung + 1, folder, result));
                }
                method.setValue(known.values().stream()
                        .sorted(Choice.BEST_FIRST)
                        .limit(keep)
                        .map(Choice.Scored::candidate)
                        .toList());
            }
        }
        return choice(byMethod);
    }

    private Choice choice(Map<String, Map<Candidate, Choice.Scored>> byMethod) {
        List<Choice.Chosen> methods = new ArrayList<>();
        for (SearchedMethod method : combination.methods()) {
            Map<Candidate, Choice.Scored> scored = byMethod.get(method.label());
            methods.add(new Choice.Chosen(
                    method.label(),
                    scored == null
                            ? List.of(Choice.Scored.untried(method.candidates().get(0)))
                            : scored.values().stream().sorted(Choice.BEST_FIRST).toList()));
        }
        return new Choice(rule(), metric(combination.recipe().task()), methods);
    }

    /** The rule in words. */
    private String rule() {
        return String.format(
                Locale.ROOT,
                "%s: the highest %s on %s of the training set, held out, with seed %d; at a tie the lower loss there, then the lower rate;"
                        + " a candidate without a result loses",
                search.describe(),
                metric(combination.recipe().task()),
                TableText.shortest(search.holdout()),
                search.seed());
    }

    /** The figure that GLUE ranks a task by; accuracy where there is none. */
    static String metric(Recipe.TaskChoice task) {
        return task instanceof Recipe.TaskChoice.Glue glue
                ? Types.name(glue.task().metrics().get(0))
                : "accuracy";
    }

    private Choice.Scored scored(String label, Candidate candidate, int rung, String folder, ComparisonResult result) {
        TrialKey key = new TrialKey(label(label, candidate), candidate.learningRate(), search.seed());
        String trial = folder + "/trials/" + key.folderName();
        for (TrialResult done : result.trials()) {
            if (done.key().equals(key)) {
                return new Choice.Scored(
                        candidate, rung, score(done.dev()), done.dev().loss(), "done", trial);
            }
        }
        for (FailedTrial failed : result.failures()) {
            if (failed.key().equals(key)) {
                return new Choice.Scored(candidate, rung, null, null, Types.name(failed.status()), trial);
            }
        }
        throw new IllegalStateException(folder + " has no trial " + key);
    }

    private double score(TaskMetrics dev) {
        Map<String, Double> figures = dev.figures();
        Double score = figures.get(metric(combination.recipe().task()));
        // Scores of the user's own files: no official figure, and no accuracy.
        return score == null ? figures.values().iterator().next() : score;
    }

    private static String label(String label, Candidate candidate) {
        return candidate.grid().isEmpty() ? label : label + " " + candidate.gridText();
    }

    /** A comparison of candidates: a row for each value of a method's grid and each rate. */
    private Recipe recipe(Map<String, List<Candidate>> candidates) {
        List<Recipe.MethodChoice> rows = new ArrayList<>();
        candidates.forEach((label, all) -> {
            Map<String, List<Candidate>> byLabel = new LinkedHashMap<>();
            for (Candidate candidate : all) {
                byLabel.computeIfAbsent(label(label, candidate), none -> new ArrayList<>())
                        .add(candidate);
            }
            byLabel.forEach((name, members) -> rows.add(new Recipe.MethodChoice(
                    name,
                    members.get(0).settings(),
                    members.stream().map(Candidate::learningRate).sorted().toList())));
        });
        Recipe recipe = combination.recipe();
        return recipe.withMethods(rows)
                .withHoldout(search.holdout())
                .withTrain(search.budget(recipe.train()).withSeeds(List.of(search.seed())));
    }

    /** The comparison that is reported. */
    Recipe chosen(Choice choice) {
        return combination
                .recipe()
                .withMethods(choice.methods().stream()
                        .map(method -> new Recipe.MethodChoice(
                                method.label(),
                                method.best().candidate().settings(),
                                List.of(method.best().candidate().learningRate())))
                        .toList());
    }
}
