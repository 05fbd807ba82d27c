package io.lora4j.recipes;

import io.lora4j.datasets.BundledTask;
import io.lora4j.datasets.Column;
import io.lora4j.datasets.DataException;
import io.lora4j.datasets.DataFormat;
import io.lora4j.datasets.GlueTask;
import io.lora4j.datasets.TaskSpec;
import io.lora4j.error.Suggestions;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Tree;
import io.lora4j.recipes.schema.Type;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A task: the name of a known one, or a block that describes files of one's own. */
final class TaskType implements Type<Recipe.TaskChoice> {
    private static final Key<String> NAME = Key.withDefault(
            "name",
            Types.text("a name of up to 64 letters, digits, '.', '_' and '-'", RecipeSchema.NAME),
            "own",
            "what results call the task");
    private static final Key<DataFormat> FORMAT = Key.required(
            "format", Types.oneOf("format", Types.names(DataFormat.values())), "how the files are laid out");
    private static final Key<String> TRAIN = Key.required(
            "train", Types.text(), "the training file, relative to data.dir (else to the recipe's folder)");
    private static final Key<String> DEV = Key.required("dev", Types.text(), "the evaluation file, likewise");
    private static final Key<Boolean> HEADER =
            Key.withDefault("header", Types.bool(), true, "whether the first line names the columns; JSONL has none");
    private static final Key<List<Column>> TEXT = Key.required(
            "text",
            Types.listOf(new ColumnType(), true, 1, 2),
            "the column of the sentence, or a list of two for a pair");
    private static final Key<Column> LABEL = Key.required("label", new ColumnType(), "the column of the label");
    private static final Key<List<String>> LABELS = Key.required(
            "labels",
            Types.listOf(Types.text(), false, 2, 1000),
            "the labels as the files write them, in the order of classes");
    private static final Section<Recipe.TaskChoice> OWN =
            Section.of("task", List.of(NAME, FORMAT, TRAIN, DEV, HEADER, TEXT, LABEL, LABELS), TaskType::own);

    @Override
    public Recipe.@Nullable TaskChoice read(Tree tree, String path, Problems problems) {
        if (!(tree instanceof Tree.Scalar scalar)) {
            return OWN.read(tree, path, problems);
        }
        Map<String, Recipe.TaskChoice> known = known();
        Recipe.TaskChoice task = known.get(plain(scalar.text()));
        String refusal = refusal(scalar.text());
        if (refusal != null) {
            problems.add(tree.origin(), path + ": " + refusal);
        } else if (task == null) {
            problems.add(
                    tree.origin(),
                    path + ": unknown task \"" + scalar.text() + "\"" + Suggestions.hint(scalar.text(), known.keySet())
                            + " (or a block that describes files of your own)");
        }
        return task;
    }

    /** Why a known task cannot be named in a recipe; null for all others. */
    static @Nullable String refusal(String name) {
        return Arrays.stream(GlueTask.values())
                        .anyMatch(task ->
                                !task.classification() && plain(task.taskName()).equals(plain(name)))
                ? "the task \"" + name + "\" asks for scores, and recipes train classifiers only"
                : null;
    }

    /** GLUE's and the bundled classification tasks by name. */
    static Map<String, Recipe.TaskChoice> known() {
        Map<String, Recipe.TaskChoice> known = new LinkedHashMap<>();
        for (BundledTask task : BundledTask.values()) {
            known.put(plain(task.taskName()), new Recipe.TaskChoice.Bundled(task));
        }
        for (GlueTask task : GlueTask.values()) {
            if (!task.classification()) {
                continue;
            }
            known.put(plain(task.taskName()), new Recipe.TaskChoice.Glue(task));
        }
        return known;
    }

    /** A task's name as recipes write it: {@code sst2} for {@code SST-2}. */
    static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    private static Recipe.@Nullable TaskChoice own(Values values, Problems problems) {
        List<Column> text = values.get(TEXT);
        try {
            return new Recipe.TaskChoice.OwnFiles(TaskSpec.of(
                    values.get(NAME),
                    values.get(FORMAT),
                    values.get(TRAIN),
                    values.get(DEV),
                    values.get(HEADER),
                    text.get(0),
                    text.size() < 2 ? null : text.get(1),
                    values.get(LABEL),
                    values.get(LABELS)));
        } catch (DataException e) {
            problems.add(values.origin(), String.valueOf(e.getMessage()));
            return null;
        }
    }

    @Override
    public String describe() {
        return String.join(" | ", known().keySet()) + ", or a block of keys that describes files of your own";
    }

    /** A column: a whole number is its position, everything else its name. */
    private static final class ColumnType implements Type<Column> {
        @Override
        public @Nullable Column read(Tree tree, String path, Problems problems) {
            if (!(tree instanceof Tree.Scalar scalar) || scalar.text().isBlank()) {
                problems.add(tree.origin(), path + " must be " + describe() + ", not " + tree.describe());
                return null;
            }
            boolean index = !scalar.quoted() && scalar.text().matches("[0-9]{1,6}");
            return index ? Column.at(Integer.parseInt(scalar.text())) : Column.named(scalar.text());
        }

        @Override
        public String describe() {
            return "a column's name or number (0 is the first)";
        }
    }
}
