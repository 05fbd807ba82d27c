package io.lora4j.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.datasets.bundled.BundledDataGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bundled data set is what its card says: regenerable, balanced, without overlap, and not to be guessed from words. */
class BundledDataTest {
    @Test
    void theCommittedFilesAreWhatTheGeneratorWrites() throws IOException {
        Map<String, String> files = BundledDataGenerator.generate();
        assertEquals(6, files.size());
        for (Map.Entry<String, String> file : files.entrySet()) {
            try (InputStream committed =
                    BundledDataGenerator.class.getResourceAsStream("/io/lora4j/datasets/bundled/" + file.getKey())) {
                assertEquals(
                        file.getValue(),
                        new String(committed.readAllBytes(), StandardCharsets.UTF_8),
                        file.getKey() + ": run BundledDataGenerator on the resources folder");
            }
        }
    }

    @Test
    void theDataCardIsBesideTheFiles() throws IOException {
        try (InputStream card =
                BundledDataGenerator.class.getResourceAsStream("/io/lora4j/datasets/bundled/DATACARD.md")) {
            String text = new String(card.readAllBytes(), StandardCharsets.UTF_8);
            for (BundledTask task : BundledTask.values()) {
                TaskData data = task.read();
                int[] train = data.labelCounts(data.train());
                int[] dev = data.labelCounts(data.dev());
                String row = String.format(
                        Locale.ROOT,
                        "| %s | %d (%d : %d) | %d (%d : %d) |",
                        data.task(),
                        data.train().size(),
                        train[1],
                        train[0],
                        data.dev().size(),
                        dev[1],
                        dev[0]);
                assertTrue(text.contains(row), "the card lacks: " + row);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BundledTask.class)
    void isLargeAndBalanced(BundledTask task) {
        TaskData data = task.read();
        assertTrue(data.train().size() >= 1000 && data.dev().size() >= 300);
        for (List<Example> rows : List.of(data.train(), data.dev())) {
            int most = Arrays.stream(data.labelCounts(rows)).max().orElseThrow();
            assertTrue(most >= 0.5 * rows.size() && most <= 0.6 * rows.size(), "majority " + most);
        }
        assertEquals(
                List.of(task.taskName() + "/train.tsv", task.taskName() + "/dev.tsv"),
                List.copyOf(data.sha256ByFile().keySet()));
    }

    @ParameterizedTest
    @EnumSource(BundledTask.class)
    void noRowComesTwice(BundledTask task) {
        TaskData data = task.read();
        Set<Set<String>> seen = new HashSet<>();
        for (List<Example> rows : List.of(data.train(), data.dev())) {
            for (Example row : rows) {
                // as sets: a pair in the other order would be the same row
                Set<String> texts = row.textB() == null ? Set.of(row.textA()) : Set.of(row.textA(), row.textB());
                assertTrue(seen.add(texts), "twice: " + texts);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BundledTask.class)
    void everyEvaluationRowHasWordsThatTrainingNeverUses(BundledTask task) {
        TaskData data = task.read();
        Set<String> known = new HashSet<>();
        data.train().forEach(row -> known.addAll(words(row)));
        for (Example row : data.dev()) {
            Set<String> unseen = new TreeSet<>(words(row));
            unseen.removeAll(known);
            assertTrue(unseen.size() >= 2 || (unseen.size() == 1 && words(row).size() <= 8), row + " has " + unseen);
        }
    }

    @ParameterizedTest
    @EnumSource(BundledTask.class)
    void noWordAndNoLengthTellsTheLabel(BundledTask task) {
        TaskData data = task.read();
        double[] odds = new double[] {0};
        Map<String, double[]> counts = new HashMap<>();
        for (Example row : data.train()) {
            for (String word : words(row)) {
                counts.computeIfAbsent(word, w -> new double[] {1, 1})[row.label()]++;
            }
        }
        int right = 0;
        for (Example row : data.dev()) {
            odds[0] = 0;
            for (String word : words(row)) {
                double[] count = counts.getOrDefault(word, new double[] {1, 1});
                odds[0] += Math.log(count[1] / count[0]);
            }
            right += (odds[0] > 0 ? 1 : 0) == row.label() ? 1 : 0;
        }
        double bagOfWords = right / (double) data.dev().size();
        assertTrue(bagOfWords <= 0.65, "a bag of words trained on train.tsv reaches " + bagOfWords);

        // even an oracle that picks the best word, or the best length, by looking at the evaluation labels
        Set<String> vocabulary = new HashSet<>();
        data.dev().forEach(row -> vocabulary.addAll(words(row)));
        for (String word : vocabulary) {
            double accuracy = bestRule(data.dev(), row -> words(row).contains(word) ? 1 : 0, 1);
            assertTrue(accuracy <= 0.65, "the word '" + word + "' alone reaches " + accuracy);
        }
        for (int limit = 3; limit < 40; limit++) {
            double accuracy = bestRule(data.dev(), row -> wordCount(row), limit);
            assertTrue(accuracy <= 0.65, "having " + limit + " or more words alone reaches " + accuracy);
        }
    }

    /** Accuracy of "feature at least limit means label 1", or of its opposite, whichever is better. */
    private static double bestRule(List<Example> rows, ToIntFunction<Example> feature, int limit) {
        long right = rows.stream()
                .filter(row -> (feature.applyAsInt(row) >= limit ? 1 : 0) == row.label())
                .count();
        return Math.max(right, rows.size() - right) / (double) rows.size();
    }

    private static int wordCount(Example row) {
        return tokens(row).size();
    }

    private static Set<String> words(Example row) {
        return new HashSet<>(tokens(row));
    }

    private static List<String> tokens(Example row) {
        String text = row.textB() == null ? row.textA() : row.textA() + " " + row.textB();
        List<String> tokens = new ArrayList<>();
        for (String token : text.toLowerCase(Locale.ROOT).split("[^a-z'-]+", -1)) {
            if (!token.isEmpty()) {
                tokens.add(token);
            }
        }
        return tokens;
    }

    @Test
    void findsTasksByName() {
        assertEquals(BundledTask.SENTIMENT, BundledTask.find("Sentiment"));
        assertEquals(
                "there is no bundled task \"sentimant\"; did you mean \"sentiment\"?; known tasks: acceptability, sentiment,"
                        + " paraphrase",
                assertThrows(DataException.class, () -> BundledTask.find("sentimant"))
                        .getMessage());
    }
}
