package io.lora4j.recipes.submission;

import io.lora4j.datasets.GlueTask;
import io.lora4j.datasets.GlueTest;
import io.lora4j.datasets.Target;
import io.lora4j.datasets.TestRow;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.classify.TextClassifier;
import io.lora4j.models.classify.TextPair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes prediction files as GLUE's leaderboard takes them (gluebenchmark.com, FAQ): {@code CoLA.tsv} and so on, a header {@code index
 * prediction}, then one line per test row, parted by tabs, with the label as the task's files write it, and three decimals for STS-B.
 */
public final class GlueSubmission {
    private static final int ROWS_AT_ONCE = 1024;

    private GlueSubmission() {}

    /**
     * Writes the file of one test; an existing one is replaced whole or not at all.
     *
     * @param folder where to; made if it does not exist
     * @param test which test
     * @param rows its rows, as {@link GlueTest#read} gives them
     * @param predictions one class or score per row, in the same order
     * @return the file
     * @throws IllegalArgumentException if there are not as many predictions as rows, or the task has no such class
     * @throws UserException if the disk refuses
     */
    public static Path write(Path folder, GlueTest test, List<TestRow> rows, List<? extends Target> predictions) {
        if (rows.size() != predictions.size()) {
            throw new IllegalArgumentException(
                    test.testName() + " has " + rows.size() + " rows, got " + predictions.size() + " predictions");
        }
        StringBuilder text = new StringBuilder("index\tprediction\n");
        for (int i = 0; i < rows.size(); i++) {
            text.append(rows.get(i).index())
                    .append('\t')
                    .append(test.word(predictions.get(i)))
                    .append('\n');
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UserException("cannot make the folder " + folder + ": " + AtomicFile.reason(e), e);
        }
        Path file = folder.resolve(test.submissionFile());
        AtomicFile.write(file, beside -> Files.writeString(beside, text, StandardCharsets.US_ASCII));
        return file;
    }

    /**
     * Answers every test of a task whose file is there, and writes the prediction files.
     *
     * @param classifier a model trained on the task; of scores for a task of scores
     * @param task the task; its tests are those of {@link GlueTest#of}
     * @param data the folder with the test files
     * @param folder where prediction files are written; made if it does not exist
     * @return the files written, in the leaderboard's order; a test whose file is not there is left out
     * @throws UserException if the model's labels are not the task's, no test file is there or one is damaged, or the
     *     disk refuses
     */
    public static List<Path> predict(TextClassifier classifier, GlueTask task, Path data, Path folder) {
        List<String> labels = task.spec().labelNames();
        if (!classifier.labels().equals(labels)) {
            String has = classifier.regression()
                    ? "the model says numbers"
                    : "the model's labels are " + String.join(", ", classifier.labels());
            String wants = task.classification()
                    ? "those of " + task.taskName() + " are " + String.join(", ", labels)
                    : task.taskName() + " asks for scores";
            throw new UserException(has + ", " + wants + ": it was trained on another task");
        }
        List<GlueTest> tests = GlueTest.of(task);
        List<GlueTest> there = tests.stream()
                .filter(test -> Files.isRegularFile(data.resolve(test.file())))
                .toList();
        List<Path> written = new ArrayList<>();
        // where there is none, reading the first one says which file is missing
        for (GlueTest test : there.isEmpty() ? tests : there) {
            List<TestRow> rows = test.read(data);
            List<Target> predictions = new ArrayList<>(rows.size());
            for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
                List<TextPair> texts = rows.subList(from, Math.min(rows.size(), from + ROWS_AT_ONCE)).stream()
                        .map(row -> new TextPair(row.textA(), row.textB()))
                        .toList();
                predictions.addAll(answers(classifier, texts));
            }
            written.add(write(folder, test, rows, predictions));
        }
        return written;
    }

    private static List<Target> answers(TextClassifier classifier, List<TextPair> texts) {
        if (classifier.regression()) {
            return Arrays.stream(classifier.scoreAll(texts))
                    .<Target>mapToObj(Target.Score::new)
                    .toList();
        }
        List<String> labels = classifier.labels();
        return classifier.predictAll(texts).stream()
                .map(prediction -> Target.of(labels.indexOf(prediction.label())))
                .toList();
    }

    /**
     * What a folder lacks to be a whole submission.
     *
     * @param folder a folder with prediction files
     * @return the names of the files that are not there, in the leaderboard's order; empty if all eleven are
     */
    public static List<String> missing(Path folder) {
        return Arrays.stream(GlueTest.values())
                .map(GlueTest::submissionFile)
                .filter(file -> !Files.isRegularFile(folder.resolve(file)))
                .toList();
    }
}
