package io.lora4j.recipes;

import io.lora4j.datasets.BundledTask;
import io.lora4j.datasets.Column;
import io.lora4j.datasets.DataException;
import io.lora4j.datasets.DataFormat;
import io.lora4j.datasets.GlueTask;
import io.lora4j.datasets.Targets;
import io.lora4j.datasets.TaskSpec;
import io.lora4j.error.Suggestions;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Shape;
import io.lora4j.recipes.schema.Tree;
import io.lora4j.recipes.schema.Type;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.schema.Values;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
    private static final Key<List<String>> LABELS = Key.optional(
            "labels",
            Types.listOf(Types.text(), false, 2, 1000),
            "the labels as the files write them, in the order of classes");
    private static final Key<List<Double>> SCORES = Key.optional(
            "scores",
            Types.listOf(Types.number(), false, 2, 2),
            "in place of labels, where the label is a number to be predicted: the least and the greatest there may be");
    private static final Section<Recipe.TaskChoice> OWN = Section.of(
                    "task", List.of(NAME, FORMAT, TRAIN, DEV, HEADER, TEXT, LABEL, LABELS, SCORES), TaskType::own)
            .checking(TaskType::checkTargets);

    @Override
    public Recipe.@Nullable TaskChoice read(Tree tree, String path, Problems problems) {
        if (!(tree instanceof Tree.Scalar scalar)) {
            return OWN.read(tree, path, problems);
        }
        Map<String, Recipe.TaskChoice> known = known();
        Recipe.TaskChoice task = known.get(plain(scalar.text()));
        if (task == null) {
            problems.add(
                    tree.origin(),
                    path + ": unknown task \"" + scalar.text() + "\"" + Suggestions.hint(scalar.text(), known.keySet())
                            + " (or a block that describes files of your own)");
        }
        return task;
    }

    /** GLUE's and the bundled tasks by name. */
    static Map<String, Recipe.TaskChoice> known() {
        Map<String, Recipe.TaskChoice> known = new LinkedHashMap<>();
        for (BundledTask task : BundledTask.values()) {
            known.put(plain(task.taskName()), new Recipe.TaskChoice.Bundled(task));
        }
        for (GlueTask task : GlueTask.values()) {
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
        Targets targets = targets(values, problems);
        if (targets == null) {
            return null;
        }
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
                    targets));
        } catch (DataException e) {
            problems.add(values.origin(), String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static void checkTargets(Values values, Problems problems) {
        if (!values.isWrong(LABELS) && !values.isWrong(SCORES)) {
            targets(values, problems);
        }
    }

    /** Labels or a range of scores: one of the two is given. */
    private static @Nullable Targets targets(Values values, Problems problems) {
        List<String> labels = values.find(LABELS);
        List<Double> scores = values.find(SCORES);
        if (labels != null && scores != null) {
            problems.add(
                    values.origin(SCORES),
                    "give " + values.path(LABELS) + " or " + values.path(SCORES) + ", not both (first at "
                            + values.origin(LABELS).where() + ")");
            return null;
        }
        if (labels != null) {
            return new Targets.Classes(labels, labels);
        }
        if (scores == null) {
            problems.add(
                    values.origin(),
                    values.path(LABELS) + " is missing (" + LABELS.doc() + "), or " + values.path(SCORES) + " ("
                            + SCORES.doc() + ")");
            return null;
        }
        if (scores.get(0) >= scores.get(1)) {
            problems.add(
                    values.origin(SCORES),
                    values.path(SCORES) + " must be the least and the greatest score, in this order");
            return null;
        }
        return new Targets.Scores(scores.get(0), scores.get(1));
    }

    @Override
    public String describe() {
        return String.join(" | ", known().keySet()) + ", or a block of keys that describes files of your own";
    }

    @Override
    public Shape shape() {
        return new Shape.Either(List.of(new Shape.Choice(spellings()), OWN.shape()));
    }

    /** Names as recipes and as GLUE write them; {@link #read} takes other spellings too. */
    private static List<String> spellings() {
        Set<String> names = new LinkedHashSet<>(known().keySet());
        for (Recipe.TaskChoice task : known().values()) {
            if (task instanceof Recipe.TaskChoice.Glue glue) {
                names.add(glue.task().taskName());
            }
        }
        return List.copyOf(names);
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

        @Override
        public Shape shape() {
            return new Shape.Text(describe(), null);
        }
    }
}
