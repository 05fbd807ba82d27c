package io.lora4j.datasets;

import io.lora4j.error.Suggestions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * GLUE's test files, which have no labels: predictions for them are what its leaderboard takes, one file each (<a
 * href="https://gluebenchmark.com/faq">its instructions</a>). MNLI has three: matched, mismatched, and the diagnostics (AX), which have no
 * training set and are answered with MNLI's labels.
 */
@SuppressWarnings("ImmutableEnumChecker") // Column is an immutable record; it carries no annotation that says so
public enum GlueTest {
    /** CoLA's; unlike its other files it has a header. */
    COLA("CoLA", GlueTask.COLA, "CoLA/test.tsv", 2, "index", "sentence", null),
    /** SST-2's. */
    SST_2("SST-2", GlueTask.SST_2, "SST-2/test.tsv", 2, "index", "sentence", null),
    /** MRPC's. */
    MRPC("MRPC", GlueTask.MRPC, "MRPC/test.tsv", 5, "index", "#1 String", "#2 String"),
    /** STS-B's. */
    STS_B("STS-B", GlueTask.STS_B, "STS-B/test.tsv", 9, "index", "sentence1", "sentence2"),
    /** QQP's. */
    QQP("QQP", GlueTask.QQP, "QQP/test.tsv", 3, "id", "question1", "question2"),
    /** MNLI's, genres of the training set. */
    MNLI_M("MNLI-m", GlueTask.MNLI, "MNLI/test_matched.tsv", 0, "index", "sentence1", "sentence2"),
    /** MNLI's, other genres. */
    MNLI_MM("MNLI-mm", GlueTask.MNLI, "MNLI/test_mismatched.tsv", 0, "index", "sentence1", "sentence2"),
    /** QNLI's. */
    QNLI("QNLI", GlueTask.QNLI, "QNLI/test.tsv", 3, "index", "question", "sentence"),
    /** RTE's. */
    RTE("RTE", GlueTask.RTE, "RTE/test.tsv", 3, "index", "sentence1", "sentence2"),
    /** WNLI's. */
    WNLI("WNLI", GlueTask.WNLI, "WNLI/test.tsv", 3, "index", "sentence1", "sentence2"),
    /** The diagnostics: what a model trained on MNLI understands of language (Matthews correlation of three classes). */
    AX("AX", GlueTask.MNLI, "AX/diagnostic.tsv", 3, "index", "sentence1", "sentence2");

    private final String testName;
    private final GlueTask task;
    private final String file;
    private final int columnCount;
    private final Column index;
    private final Column textA;
    private final @Nullable Column textB;

    GlueTest(
            String testName,
            GlueTask task,
            String file,
            int columnCount,
            String index,
            String textA,
            @Nullable String textB) {
        this.testName = testName;
        this.task = task;
        this.file = file;
        this.columnCount = columnCount;
        this.index = Column.named(index);
        this.textA = Column.named(textA);
        this.textB = textB == null ? null : Column.named(textB);
    }

    /**
     * The leaderboard's name of the test.
     *
     * @return the name, e.g. {@code MNLI-mm}
     */
    public String testName() {
        return testName;
    }

    /**
     * The task whose classes or scores are predicted.
     *
     * @return the task; MNLI for AX
     */
    public GlueTask task() {
        return task;
    }

    /**
     * The file with the texts.
     *
     * @return its name, relative to the data folder
     */
    public String file() {
        return file;
    }

    /**
     * The name of the prediction file in a submission.
     *
     * @return e.g. {@code MNLI-mm.tsv}
     */
    public String submissionFile() {
        return testName + ".tsv";
    }

    /**
     * Reads the test file whole. A blank text stays as it is: the leaderboard wants a prediction for every row.
     *
     * @param folder the data folder
     * @return the rows, in file order
     * @throws DataException at the first fault: a missing file, text that is not UTF-8, a wrong number of columns, an index that is no number
     *     or stands there twice; the message names the file and the line
     */
    public List<TestRow> read(Path folder) {
        SourceFile source = SourceFile.read(TaskReader.existing(testName, folder, file));
        List<Column> columns = textB == null
                ? List.of(index, textA)
                : Stream.of(index, textA, textB).toList();
        List<TestRow> rows = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (ColumnReader.Row row :
                new ColumnReader(testName, source, DataFormat.TSV, true, columnCount, columns).read()) {
            List<String> cells = row.cells();
            String number = cells.get(0).strip();
            if (!number.matches("[0-9]{1,9}") || !seen.add(Integer.parseInt(number))) {
                throw new DataException(
                        source.name(), row.line(), "the index '" + number + "' is no number or stands there twice");
            }
            rows.add(new TestRow(Integer.parseInt(number), cells.get(1), textB == null ? null : cells.get(2)));
        }
        return rows;
    }

    /**
     * The word by which a submission answers.
     *
     * @param target the predicted class, an index into the task's labels, or the predicted score
     * @return the label as the task's files write it ({@code 0}, {@code not_entailment}); a score with three decimals, held within the task's
     *     range as in the benchmark's own code (nyu-mll/jiant 1, {@code evaluate.py})
     * @throws IllegalArgumentException if the task has no such class
     * @throws IllegalStateException if a score is given where a class is asked for, or the other way round
     */
    public String word(Target target) {
        if (task.spec().targets() instanceof Targets.Scores scores) {
            double score = Math.max(scores.least(), Math.min(scores.greatest(), target.score()));
            return String.format(Locale.ROOT, "%.3f", score);
        }
        List<String> labels = task.spec().labels();
        if (target.label() >= labels.size()) {
            throw new IllegalArgumentException(
                    "class " + target.label() + " of " + testName + ", which has " + labels.size());
        }
        return labels.get(target.label());
    }

    /**
     * Finds a test by the leaderboard's name; case, hyphens and underscores do not matter.
     *
     * @param name the name as the user wrote it
     * @return the test
     * @throws DataException if there is none: with the nearest name, and all known ones
     */
    public static GlueTest find(String name) {
        String plain = GlueTask.plain(name);
        List<String> known = Arrays.stream(values()).map(GlueTest::testName).toList();
        return Arrays.stream(values())
                .filter(test -> GlueTask.plain(test.testName).equals(plain))
                .findFirst()
                .orElseThrow(() -> new DataException("there is no GLUE test \"" + name + "\""
                        + Suggestions.didYouMean(name, known) + "; known tests: " + String.join(", ", known)));
    }

    /**
     * The tests that a model of a task answers.
     *
     * @param task the task
     * @return one, and for MNLI three
     */
    public static List<GlueTest> of(GlueTask task) {
        return Arrays.stream(values()).filter(test -> test.task == task).toList();
    }

    /** The test whose texts are in a file. */
    static GlueTest ofFile(String file) {
        return Arrays.stream(values())
                .filter(test -> test.file.equals(file))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(file + " is no test file"));
    }
}
