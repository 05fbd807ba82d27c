package io.lora4j.datasets;

import io.lora4j.error.Suggestions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of GLUE (Wang et al., 2018, arXiv 1804.07461), in the order of its leaderboard: classes of one sentence or a pair, and one
 * similarity of pairs. What the leaderboard asks for on top, its test files and the diagnostics, is in {@link GlueTest}.
 *
 * <p>Files are those of the original download: a folder per task with {@code train.tsv} and {@code dev.tsv} (MNLI has two dev files),
 * tab-separated, without quoting. Label order is that of the GLUE baselines and of the {@code glue} data set on the Hugging Face hub:
 * {@code entailment} is 0 in RTE, QNLI and MNLI. QQP's published files have a few rows that lack cells; those are left out, as in that data
 * set.
 */
@SuppressWarnings("ImmutableEnumChecker") // records and List.of are immutable; they carry no annotation that says so
public enum GlueTask {
    /** Corpus of Linguistic Acceptability (Warstadt et al., 2018): is this English? No header line. */
    COLA(
            "CoLA",
            false,
            4,
            Column.at(3),
            null,
            Column.at(1),
            List.of("0", "1"),
            List.of("unacceptable", "acceptable"),
            Metric.MATTHEWS),
    /** Stanford Sentiment Treebank (Socher et al., 2013): is this phrase of a film review positive? */
    SST_2(
            "SST-2",
            true,
            2,
            Column.named("sentence"),
            null,
            Column.named("label"),
            List.of("0", "1"),
            List.of("negative", "positive"),
            Metric.ACCURACY),
    /** Microsoft Research Paraphrase Corpus (Dolan and Brockett, 2005): do two sentences say the same? */
    MRPC(
            "MRPC",
            true,
            5,
            Column.named("#1 String"),
            Column.named("#2 String"),
            Column.named("Quality"),
            List.of("0", "1"),
            List.of("not_equivalent", "equivalent"),
            Metric.F1,
            Metric.ACCURACY),
    /** Semantic Textual Similarity Benchmark (Cer et al., 2017): how alike are two sentences, from 0 to 5? */
    STS_B(
            new TaskSpec(
                    "STS-B",
                    DataFormat.TSV,
                    "STS-B/train.tsv",
                    "STS-B/dev.tsv",
                    true,
                    10,
                    Column.named("sentence1"),
                    Column.named("sentence2"),
                    Column.named("score"),
                    new Targets.Scores(0, 5),
                    false),
            List.of(),
            Metric.PEARSON,
            Metric.SPEARMAN),
    /** Quora Question Pairs (Iyer et al., 2017): do two questions ask the same? */
    QQP(
            new TaskSpec(
                    "QQP",
                    DataFormat.TSV,
                    "QQP/train.tsv",
                    "QQP/dev.tsv",
                    true,
                    6,
                    Column.named("question1"),
                    Column.named("question2"),
                    Column.named("is_duplicate"),
                    new Targets.Classes(List.of("0", "1"), List.of("not_duplicate", "duplicate")),
                    true),
            List.of(),
            Metric.F1,
            Metric.ACCURACY),
    /**
     * Multi-Genre NLI (Williams et al., 2018): does the first text entail the second, contradict it, or neither? The first dev file has the
     * training set's genres (matched), the second others (mismatched). The number of columns differs between the files.
     */
    MNLI(
            new TaskSpec(
                    "MNLI",
                    DataFormat.TSV,
                    "MNLI/train.tsv",
                    "MNLI/dev_matched.tsv",
                    true,
                    0,
                    Column.named("sentence1"),
                    Column.named("sentence2"),
                    Column.named("gold_label"),
                    List.of("entailment", "neutral", "contradiction"),
                    List.of("entailment", "neutral", "contradiction")),
            List.of("MNLI/dev_mismatched.tsv"),
            Metric.ACCURACY),
    /** SQuAD (Rajpurkar et al., 2016) as pairs: does the sentence answer the question? */
    QNLI(
            "QNLI",
            true,
            4,
            Column.named("question"),
            Column.named("sentence"),
            Column.named("label"),
            List.of("entailment", "not_entailment"),
            List.of("entailment", "not_entailment"),
            Metric.ACCURACY),
    /** Recognising Textual Entailment, RTE 1 to 5: does the first text entail the second? */
    RTE(
            "RTE",
            true,
            4,
            Column.named("sentence1"),
            Column.named("sentence2"),
            Column.named("label"),
            List.of("entailment", "not_entailment"),
            List.of("entailment", "not_entailment"),
            Metric.ACCURACY),
    /** Winograd schemas as pairs (Levesque et al., 2011): is the pronoun resolved rightly? Its dev set contradicts its training set. */
    WNLI(
            "WNLI",
            true,
            4,
            Column.named("sentence1"),
            Column.named("sentence2"),
            Column.named("label"),
            List.of("0", "1"),
            List.of("not_entailment", "entailment"),
            Metric.ACCURACY);

    private final TaskSpec spec;
    private final List<String> devFiles;
    private final List<Metric> metrics;

    GlueTask(
            String name,
            boolean header,
            int columns,
            Column textA,
            @Nullable Column textB,
            Column label,
            List<String> labels,
            List<String> labelNames,
            Metric... metrics) {
        this(
                new TaskSpec(
                        name,
                        DataFormat.TSV,
                        name + "/train.tsv",
                        name + "/dev.tsv",
                        header,
                        columns,
                        textA,
                        textB,
                        label,
                        labels,
                        labelNames),
                List.of(),
                metrics);
    }

    GlueTask(TaskSpec spec, List<String> moreDevFiles, Metric... metrics) {
        this.spec = spec;
        this.devFiles =
                Stream.concat(Stream.of(spec.devFile()), moreDevFiles.stream()).toList();
        this.metrics = List.of(metrics);
    }

    /**
     * The name GLUE gives the task, which is also that of its folder.
     *
     * @return the name, e.g. {@code SST-2}
     */
    public String taskName() {
        return spec.name();
    }

    /**
     * The task's files, columns and labels.
     *
     * @return what {@link TaskReader} needs
     */
    public TaskSpec spec() {
        return spec;
    }

    /**
     * The evaluation files: one, and for MNLI the matched and the mismatched one.
     *
     * @return names relative to the data folder; the first is that of {@link #spec()}
     */
    public List<String> devFiles() {
        return devFiles;
    }

    /**
     * Whether the task asks for a class; STS-B asks for a score.
     *
     * @return true if {@link TaskSpec#labels()} of its specification has labels
     */
    public boolean classification() {
        return spec.targets() instanceof Targets.Classes;
    }

    /**
     * The figures GLUE reports for the task, the ranking one first.
     *
     * @return one or two figures
     */
    public List<Metric> metrics() {
        return metrics;
    }

    /**
     * Finds a task by its name; case, hyphens and underscores do not matter ({@code sst2}, {@code SST-2}).
     *
     * @param name the name as the user wrote it
     * @return the task
     * @throws DataException if there is none: with the nearest name, and all known ones
     */
    public static GlueTask find(String name) {
        for (GlueTask task : values()) {
            if (plain(task.taskName()).equals(plain(name))) {
                return task;
            }
        }
        List<String> known = names();
        throw new DataException("there is no GLUE task \"" + name + "\"" + Suggestions.didYouMean(name, known)
                + "; known tasks: " + String.join(", ", known));
    }

    /**
     * The names of all tasks.
     *
     * @return names in GLUE's spelling
     */
    public static List<String> names() {
        return Arrays.stream(values()).map(GlueTask::taskName).collect(Collectors.toUnmodifiableList());
    }

    static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }
}
