package io.lora4j.recipes.report;

import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.results.RunReader;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.run.ComparisonRunner;
import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Real results: two ranks, two seeds, a random BERT of two layers, a made-up task. */
final class ReportFixture {
    private ReportFixture() {}

    static List<RunResults> run(Path folder) throws IOException {
        Files.writeString(folder.resolve("train.tsv"), rows(48));
        Files.writeString(folder.resolve("dev.tsv"), rows(21));
        Path recipe = Files.writeString(folder.resolve("made-up.yaml"), """
                model: {name: %s, pooling: cls, max_length: 12}
                task: {format: tsv, train: train.tsv, dev: dev.tsv, text: sentence, label: label, labels: [neg, pos]}
                methods:
                  - {name: lora}
                  - {name: lora-ga, gamma: 64}
                  - {name: lora-one}
                  - {name: full}
                  - {name: head-only}
                adapter: {rank: 2, alpha: 4}
                gradient: {examples: 16, chunk: 5}
                train: {learning_rate: 2e-3, epochs: 3, batch: 12, dropout: 0.1, seeds: [1, 2]}
                diagnostics: {angles_every: 3, singular_values: 16}
                """.formatted(
                        Path.of("src/test/resources/tiny-bert").toAbsolutePath()));
        List<RunResults> runs = new ArrayList<>();
        for (int rank : new int[] {2, 4}) {
            Path out = folder.resolve("rank" + rank);
            ComparisonRunner.run(
                    RecipeReader.read(recipe, List.of("adapter.rank=" + rank), folder),
                    new RunOptions(folder.resolve("home"), folder.resolve("runs"), out, Map.of("lora4j", "test")),
                    RunListener.NONE);
            runs.add(RunReader.read(out));
        }
        return runs;
    }

    private static String rows(int count) {
        List<String> words = List.of("good", "bad", "fine", "poor", "great", "dull");
        StringBuilder text = new StringBuilder("sentence\tlabel\n");
        for (int i = 0; i < count; i++) {
            int word = (i * i + i / 3) % 6;
            text.append(i % 3 == 0 ? "the film was " : "my very book was ").append(words.get(word));
            text.append(word % 2 == 0 ? "\tpos\n" : "\tneg\n");
        }
        return text.toString();
    }
}
