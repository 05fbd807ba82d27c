package io.lora4j.recipes.table;

import io.lora4j.datasets.GlueTask;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.comparability.Aspect;
import io.lora4j.recipes.comparability.Comparability;
import io.lora4j.recipes.comparability.ResultIdentity;
import io.lora4j.recipes.results.RunIdentity;
import io.lora4j.recipes.results.RunResults;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Several runs compared: those that are alike but for their methods in one table, those that differ in task, rank or another swept key side
 * by side. Immutable.
 *
 * @param keys the recipe's keys by which the runs differ; empty for a single table
 * @param entries the tables with their values of the keys, in the order of the runs
 * @param wide methods as rows and entries as columns; null for a single table
 * @param notes what is true of all tables, one line each
 */
public record Comparison(
        List<String> keys, List<Entry> entries, @Nullable WideTable wide, List<String> notes) {
    /** Copies the lists. */
    public Comparison {
        keys = List.copyOf(keys);
        entries = List.copyOf(entries);
        notes = List.copyOf(notes);
    }

    /**
     * A table of the comparison.
     *
     * @param values of the keys
     * @param table the results
     */
    public record Entry(List<String> values, ResultTable table) {
        /** Copies the list. */
        public Entry {
            values = List.copyOf(values);
        }
    }

    /**
     * What a comparison may be told.
     *
     * @param by a recipe's key whose values are columns of their own, beside those that are anyway; null for none
     * @param allowed aspects in which runs may differ because the user said so
     * @param target a score to which seconds are counted, as a fraction; null for the default of each table
     */
    public record Options(
            @Nullable String by,
            Set<Aspect> allowed,
            @Nullable Double target) {
        /** Nothing but the defaults. */
        public static final Options DEFAULT = new Options(null, Set.of(), null);

        /** Copies the set. */
        public Options {
            allowed = Set.copyOf(allowed);
        }
    }

    /**
     * Compares runs.
     *
     * @param runs one or more runs
     * @param options what the user said
     * @return their tables
     * @throws io.lora4j.error.UserException if runs differ in data, model, budget or code and were not allowed to, the key to compare by is none of
     *     the recipes', or two runs have different results for the same trial
     * @throws io.lora4j.error.FormatException if predictions are damaged
     */
    public static Comparison of(List<RunResults> runs, Options options) {
        SweptKeys swept = SweptKeys.of(runs.stream().map(RunResults::recipe).toList(), options.by());
        Map<List<String>, List<RunResults>> groups = new LinkedHashMap<>();
        for (RunResults run : runs) {
            groups.computeIfAbsent(swept.values(run.recipe()), unused -> new ArrayList<>())
                    .add(run);
        }
        List<String> notes = checked(runs, groups, swept, options.allowed());
        List<Entry> entries = new ArrayList<>();
        List<@Nullable GlueTask> tasks = new ArrayList<>();
        groups.forEach((values, group) -> {
            entries.add(new Entry(values, Tables.of(group, options.target())));
            Recipe.TaskChoice task = group.get(0).recipe().task();
            tasks.add(task instanceof Recipe.TaskChoice.Glue glue ? glue.task() : null);
        });
        WideTable wide = entries.size() == 1
                ? null
                : WideTables.of(
                        entries,
                        entries.stream()
                                .map(entry -> swept.heading(entry.values()))
                                .toList(),
                        tasks);
        return new Comparison(swept.keys(), entries, wide, notes);
    }

    /** Runs of one table must be alike in everything; tables side by side in all but what their keys are about. */
    private static List<String> checked(
            List<RunResults> runs, Map<List<String>, List<RunResults>> groups, SweptKeys swept, Set<Aspect> allowed) {
        Set<String> notes = new LinkedHashSet<>();
        for (List<RunResults> group : groups.values()) {
            note(notes, Comparability.require(identities(group), allowed), allowed);
        }
        Set<Aspect> across = EnumSet.noneOf(Aspect.class);
        across.addAll(allowed);
        across.addAll(swept.aspects());
        note(notes, Comparability.require(identities(runs), across), allowed);
        return List.copyOf(notes);
    }

    private static List<ResultIdentity> identities(List<RunResults> runs) {
        return runs.stream().map(RunIdentity::of).toList();
    }

    private static void note(Set<String> notes, List<Comparability.Difference> differences, Set<Aspect> allowed) {
        differences.stream()
                .filter(difference -> allowed.contains(difference.aspect()))
                .forEach(difference -> notes.add("runs differ, as allowed, in " + difference));
    }
}
